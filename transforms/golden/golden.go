// Package golden finds the maximum of a function of one variable by the golden section.
package golden

// Peak is what is known of a maximum.
type Peak struct {
	// Low and High are what it lies between.
	Low, High float64
	// At is the best point that was tried, Top the value there: the greatest that was met.
	At, Top float64
}

// ratio is (√5 − 1)/2: a section leaves one of its two points where the next one has its own.
const ratio = 0.6180339887498949

// Section narrows what lies between low and high about the maximum of a function to no more
// than width: of two points it keeps the side of the greater, and tries one more. Kiefer (1953),
// Sequential minimax search for a maximum, Proc. AMS 4:502–506. Where the function has more than
// one local maximum, the peak is of one of them.
func Section(low, high, width float64, value func(float64) float64) Peak {
	a, b := high-ratio*(high-low), low+ratio*(high-low)
	atA, atB := value(a), value(b)
	for high-low > width {
		if atA > atB {
			high, b, atB = b, a, atA
			a = high - ratio*(high-low)
			atA = value(a)
		} else {
			low, a, atA = a, b, atB
			b = low + ratio*(high-low)
			atB = value(b)
		}
	}
	if atA > atB {
		return Peak{low, high, a, atA}
	}
	return Peak{low, high, b, atB}
}
