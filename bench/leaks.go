package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kankei/kankei/pipeline"
)

// leaks says of the current release of each project what an attack computes of the cells withheld for their own
// sake, if no others were withheld, and as it is.
func leaks(ctx context.Context, s settings) error {
	if len(s.args) == 0 {
		return errors.New("name folders of projects that have been run")
	}
	for _, dir := range s.args {
		p, err := pipeline.Open(dir)
		if err != nil {
			return err
		}
		alone, err := pipeline.ThresholdAlone(ctx, p)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d cells, %d primary, %d secondary; recovered of the threshold alone %d, of the release %d\n",
			dir, alone.Cells, alone.Primary, alone.Secondary, alone.Recovered, alone.Left)
	}
	return nil
}
