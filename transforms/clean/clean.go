// Package clean reads the values of exports: dates, numbers and codes in the
// forms people write them, and the normal forms of names, telephone numbers,
// e-mail addresses and identifiers that tokens are made of. Everything here is
// a function of its arguments and safe for concurrent use.
package clean
