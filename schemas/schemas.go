// Package schemas says what a row is: one documented struct per dataset, the
// code lists, the definition profiles and the reference tables of regions. It
// imports nothing of the project; everything else imports it.
package schemas
