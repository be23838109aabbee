package schemas

import (
	"math"
	"reflect"
)

// badNumber is the top-level key below which a number is negative, infinite or none, ” if
// all are numbers of at least 0.
func badNumber(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Float64:
		if x := v.Float(); !(x >= 0) || math.IsInf(x, 0) {
			return "?"
		}
	case reflect.Int:
		if v.Int() < 0 {
			return "?"
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if badNumber(v.Field(i)) != "" {
				return v.Type().Field(i).Tag.Get("yaml")
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if key := badNumber(v.Index(i)); key != "" {
				return key
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if bad := badNumber(v.MapIndex(key)); bad != "" {
				return bad
			}
		}
	}
	return ""
}

// Greatest numbers of a scenario: beyond them a world is none of this earth, and takes
// for ever to make.
const (
	mostTripsAYear = 400
	mostWeight     = 100
	mostFacilities = 500
	mostNights     = 365
	mostMembers    = 1_000_000
)
