package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kankei/kankei/internal/cubetest"
	"github.com/kankei/kankei/transforms/disclose"
)

func cubes(ctx context.Context, s settings) error {
	for _, size := range []cubetest.Size{
		{Municipalities: []int{30}, Origins: 10, Types: 5, Mean: 40},
		{Municipalities: []int{30}, Origins: 47, Types: 5, Mean: 40},
		cubetest.National(),
	} {
		c := cubetest.Make(size, 30_000)
		t := disclose.Table{Relations: disclose.Cross(disclose.Dimension{Parent: c.Regions}, disclose.Dimension{Parent: c.Origins}, disclose.Dimension{Parent: c.Types})}
		zeros, prim := 0, 0
		for i, v := range c.Values {
			cell := disclose.Cell{Value: v, Priority: v, Largest: min(v, 1), Public: c.Structural[i]}
			if v == 0 && !cell.Public {
				zeros++
			}
			if !cell.Public && v < 10 {
				cell.Primary = true
				prim++
				cell.Asked.Width = max(1, v)
			}
			t.Cells = append(t.Cells, cell)
		}
		begin := time.Now()
		out, err := disclose.Suppress(t, disclose.Options{Seed: 1, Threads: s.threads})
		if err != nil {
			return err
		}
		fmt.Printf("%d cells, %d relations, %d primary, %d zeros: %.2f s %+v unprotected %d proofs %d total %d\n", len(t.Cells), len(t.Relations), prim, zeros, time.Since(begin).Seconds(), out.Loss, len(out.Unprotected), len(out.Proofs), c.Values[0])
	}
	return nil
}
