package weight

import (
	"fmt"

	"github.com/kankei/kankei/schemas"
)

// Refusal is why a survey cannot be weighted, in the languages of its readers:
// which stratum, class or margin, what was found, and what to do.
type Refusal struct{ Text schemas.Text }

// Error is the message in English.
func (r *Refusal) Error() string { return r.Text.EN }

// Message is the message in lang.
func (r *Refusal) Message(lang string) string { return r.Text.In(lang) }

// refuse is a refusal with the same arguments in both languages.
func refuse(ja, en string, args ...any) error {
	return &Refusal{schemas.Text{JA: fmt.Sprintf(ja, args...), EN: fmt.Sprintf(en, args...)}}
}
