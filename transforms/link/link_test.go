package link

import (
	"testing"

	"pgregory.net/rapid"
)

func TestComponentsByHand(t *testing.T) {
	c := NewComponents(6)
	for _, edge := range [][2]uint32{{4, 2}, {5, 4}, {0, 3}} {
		c.Join(edge[0], edge[1])
	}
	for node, want := range []uint32{0, 1, 2, 0, 2, 2} {
		if got := c.Root(uint32(node)); got != want {
			t.Errorf("Root(%d) = %d, want %d", node, got, want)
		}
	}
	if c.Len() != 6 {
		t.Errorf("Len() = %d, want 6", c.Len())
	}
}

// Components are the classes of the least equivalence that holds every edge,
// whatever the order of the edges: flooding from each node finds the same.
func TestComponentsEqualFlooding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "nodes")
		node := rapid.Uint32Range(0, uint32(n-1))
		edges := rapid.SliceOf(rapid.Custom(func(t *rapid.T) [2]uint32 { return [2]uint32{node.Draw(t, "a"), node.Draw(t, "b")} })).Draw(t, "edges")
		c := NewComponents(n)
		for _, e := range rapid.Permutation(edges).Draw(t, "order") {
			c.Join(e[0], e[1])
		}
		for start := range uint32(n) {
			if got, want := c.Root(start), leastReached(n, edges, start); got != want {
				t.Fatalf("Root(%d) = %d, want %d", start, got, want)
			}
		}
	})
}

// leastReached is the least node that can be reached from start.
func leastReached(n int, edges [][2]uint32, start uint32) uint32 {
	reached := map[uint32]bool{start: true}
	for range n {
		for _, e := range edges {
			if reached[e[0]] || reached[e[1]] {
				reached[e[0]], reached[e[1]] = true, true
			}
		}
	}
	least := start
	for node := range reached {
		least = min(least, node)
	}
	return least
}
