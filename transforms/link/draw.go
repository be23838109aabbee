package link

import (
	"math/rand/v2"
	"slices"
)

// Allocate shares n draws among strata of the given sizes: equally, none more than
// it holds, and what the small ones leave goes to the larger.
func Allocate(n int64, sizes []int64) []int64 {
	shares := make([]int64, len(sizes))
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(1, max(-1, sizes[a]-sizes[b]))) })
	for turn, i := range order {
		shares[i] = min(sizes[i], n/int64(len(order)-turn))
		n -= shares[i]
	}
	return shares
}

// Draw draws n of the numbers 1 to size without replacement, every set of n being
// equally likely, and gives them in ascending order (Floyd; Bentley & Floyd 1987).
func Draw(random *rand.Rand, n, size int64) []int64 {
	drawn := make(map[int64]bool, n)
	for last := size - n + 1; last <= size; last++ {
		number := 1 + random.Int64N(last)
		if drawn[number] {
			number = last
		}
		drawn[number] = true
	}
	numbers := make([]int64, 0, n)
	for number := range drawn {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	return numbers
}
