package main

import (
	"context"
	"errors"
)

func river(ctx context.Context, s settings) error { return errors.New("no") }
func night(ctx context.Context, s settings) error { return errors.New("no") }
