package ingest

import (
	"io"

	"github.com/kankei/kankei/schemas"
)

// Tokenizer makes tokens under a project's key.
type Tokenizer struct{}

// TokenWorker makes tokens on one goroutine.
type TokenWorker struct{}

func NewTokenizer(key []byte) (*Tokenizer, error)      { return &Tokenizer{}, nil }
func (t *Tokenizer) Worker() *TokenWorker              { return &TokenWorker{} }
func (w *TokenWorker) Booking(scope, id string) int64  { return 0 }
func (w *TokenWorker) Member(scope, id string) int64   { return 0 }
func (w *TokenWorker) Response(scope, id string) int64 { return 0 }
func (w *TokenWorker) Act(scope, id string) int64      { return 0 }
func (w *TokenWorker) Move(scope, id string) int64     { return 0 }
func (w *TokenWorker) Email(s string) int64            { return 0 }
func (w *TokenWorker) Phone(s string) int64            { return 0 }
func (w *TokenWorker) Name(name, kana string, birthYear int32) (token int64, dated bool) {
	return 0, false
}

// Identity mixes the tokens of one row.
func Identity(t schemas.Tokens) int64 { return 0 }

func Fingerprint(key []byte) string           { return "" }
func ParseKey(text string) ([]byte, error)    { return nil, nil }
func NewKey(random io.Reader) (string, error) { return "", nil }
