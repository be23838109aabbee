package schemas

import "math"

// AgeClass is a class of ages in completed years, both ends in it.
type AgeClass struct {
	Name      string
	Low, High int
}

// AgeClasses are those of figures by age: adults, as in the target population.
var AgeClasses = []AgeClass{{"18-29", 18, 29}, {"30-44", 30, 44}, {"45-59", 45, 59}, {"60+", 60, math.MaxInt}}

// AgeClassOf is the name of the class of an age, ” where it is in none.
func AgeClassOf(age int) string {
	for _, c := range AgeClasses {
		if c.Low <= age && age <= c.High {
			return c.Name
		}
	}
	return ""
}
