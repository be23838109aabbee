package main

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/kankei/kankei/internal/cubetest"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
)

// cubes measures disclosure control: secondary suppression of simulated cubes of growing size,
// up to that of the nation, and the attack on what is published, with and without it. An
// interval of the width of the value, and of 1 at least, is asked for every cell below ten; zeros
// are withheld but for structural ones.
func cubes(_ context.Context, s settings) error {
	for _, size := range []cubetest.Size{
		{Municipalities: []int{30}, Origins: 10, Types: 5, Mean: 40},
		{Municipalities: []int{30}, Origins: 47, Types: 5, Mean: 40},
		{Municipalities: []int{30, 19, 39}, Origins: 47, Types: 5, Mean: 40},
		{Municipalities: []int{30, 19, 39, 40, 35, 54}, Origins: 47, Types: 5, Mean: 40},
		cubetest.National(),
	} {
		for _, asked := range []struct {
			what   string
			insist bool
		}{{"no cell computable", false}, {"intervals, own contributions known", true}} {
			if err := cubeOf(size, asked.what, asked.insist, s.threads); err != nil {
				return err
			}
		}
		if len(size.Municipalities) < mostEliminated {
			if err := cubeEliminated(size); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostEliminated is from how many prefectures on elimination is not tried: its columns fill up.
const mostEliminated = 7

// cubeEliminated measures what elimination withholds of the same cube so that no cell is computable by equations, and how many
// primary cells are computable all the same, because no count is negative.
func cubeEliminated(size cubetest.Size) error {
	cube := cubetest.Make(size, 30_000)
	table := cubeTable(cube, false)
	begin := time.Now()
	secondary := eliminate(cube, func(i int) bool { return table.Cells[i].Primary })
	took := time.Since(begin)
	value, withheld := int64(0), map[int]bool{}
	for _, i := range secondary {
		value += cube.Values[i]
		withheld[i] = true
	}
	after, err := attack.Run(seen(table, func(i int) bool { return table.Cells[i].Primary || withheld[i] }), attack.Options{Seed: 1})
	if err != nil {
		return err
	}
	computed := 0
	for _, f := range after.Findings {
		if f.Exact() && table.Cells[f.Cell].Primary {
			computed++
		}
	}
	fmt.Printf("(i) beside it, elimination: %.2f s, secondary %d cells of %d; by equations and by what is not negative %d primary cells are computable, %d by equations alone\n",
		took.Seconds(), len(secondary), value, computed, after.ByRank)
	return nil
}

func cubeOf(size cubetest.Size, what string, insist bool, threads int) error {
	t := cubeTable(cubetest.Make(size, 30_000), insist)
	before, err := attack.Run(seen(t, func(i int) bool { return t.Cells[i].Primary }), attack.Options{Seed: 1})
	if err != nil {
		return err
	}
	begin, worked := time.Now(), cpuSeconds()
	out, err := disclose.Suppress(t, disclose.Options{Seed: 1, Threads: threads})
	if err != nil {
		return err
	}
	suppressed := time.Since(begin)
	worked = cpuSeconds() - worked
	begin = time.Now()
	after, err := attack.Run(seen(t, func(i int) bool { return out.Withheld[i] }), attack.Options{Seed: 1})
	if err != nil {
		return err
	}
	narrow := after.Narrower(func(i int) int64 {
		if !t.Cells[i].Primary {
			return 0
		}
		return t.Cells[i].Asked.Width
	})
	fmt.Printf("(i) %d cells, %d primary, %s\n", len(t.Cells), out.Loss.Primary, what)
	fmt.Printf("    threshold alone: %d recovered exactly\n", before.Recovered)
	fmt.Printf("    suppression %.2f s, %.2f of CPU, secondary %d cells of %d, value %d of %d withheld in all; unprotected %d\n",
		suppressed.Seconds(), worked, out.Loss.Secondary, out.Loss.SecondaryValue, out.Loss.Value, t.Cells[0].Value, len(out.Unprotected))
	fmt.Printf("    attack %.2f s: %d primary cells narrower than asked, wanted 0\n", time.Since(begin).Seconds(), len(narrow))
	if len(narrow) > 0 {
		return fmt.Errorf("the attack has %d cells, first %v", len(narrow), narrow[0])
	}
	return nil
}

func cubeTable(c cubetest.Cube, insist bool) disclose.Table {
	t := disclose.Table{Relations: disclose.Cross(disclose.Dimension{Parent: c.Regions}, disclose.Dimension{Parent: c.Origins}, disclose.Dimension{Parent: c.Types})}
	for i, v := range c.Values {
		cell := disclose.Cell{Value: v, Priority: v, Public: c.Structural[i]}
		if !cell.Public && v < disclose.LeastPersons {
			cell.Primary, cell.Asked = true, disclose.Asked{Width: 1}
		}
		if insist {
			cell.Largest, cell.Asked.Width = min(v, 1), max(1, v)
		}
		t.Cells = append(t.Cells, cell)
	}
	return t
}

// cpuSeconds is the processor time that this process has taken.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// seen is what readers see of a table.
func seen(t disclose.Table, withheld func(i int) bool) attack.Publication {
	var p attack.Publication
	for i, c := range t.Cells {
		cell := attack.Shown("", c.Value)
		if withheld(i) {
			cell = attack.Withheld("")
		}
		p.Cells = append(p.Cells, cell)
	}
	for _, r := range t.Relations {
		p.Relations = append(p.Relations, attack.Sum(r.Total, r.Parts...))
	}
	return p
}
