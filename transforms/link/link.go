// Package link decides which identities are one person. Two identities are
// linked when they share a token that may link: the membership number, the
// e-mail address, the telephone number, or the name with the birth year. A phone
// or e-mail that goes with many names is a hub and links nobody. Persons are
// the connected components of that relation, which does not depend on the order
// in which rows arrive.
package link

import _ "embed"

// The named SELECTs of the stage. Each says in its comment what it reads.
var (
	//go:embed identities.sql
	Identities string
	//go:embed hubs.sql
	Hubs string
	//go:embed nodes.sql
	Nodes string
	//go:embed edges.sql
	Edges string
	//go:embed pairs.sql
	Pairs string
	//go:embed stays_seen.sql
	StaysSeen string
	//go:embed members.sql
	MembersSeen string
)

// Components gathers nodes into connected components, each known by its least
// node. Memory is four bytes a node. The zero value has no nodes; a Components
// is not safe for concurrent use.
type Components struct{ parent []uint32 }

// NewComponents has n nodes, each alone.
func NewComponents(n int) *Components {
	parent := make([]uint32, n)
	for i := range parent {
		parent[i] = uint32(i)
	}
	return &Components{parent}
}

// Join puts a and b into one component.
func (c *Components) Join(a, b uint32) {
	a, b = c.Root(a), c.Root(b)
	switch {
	case a < b:
		c.parent[b] = a
	case b < a:
		c.parent[a] = b
	}
}

// Root is the least node of a's component. Paths are halved on the way, which
// keeps a sequence of m joins near m·log n steps (Tarjan & van Leeuwen 1984).
func (c *Components) Root(a uint32) uint32 {
	for c.parent[a] != a {
		c.parent[a] = c.parent[c.parent[a]]
		a = c.parent[a]
	}
	return a
}

// Len is the number of nodes.
func (c *Components) Len() int { return len(c.parent) }
