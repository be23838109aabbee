package ingest

import (
	"fmt"

	"github.com/kankei/kankei/schemas"
)

// Reasons for which a whole file is refused. A refused file lands nothing; a
// single bad record is a [Fault] and costs only itself.
const (
	EmptyFile       = "empty_file"
	HeaderOnly      = "header_only"
	NoHeader        = "no_header"
	HTML            = "html"
	LegacyExcel     = "legacy_excel"
	EncryptedFile   = "encrypted_file"
	BinaryFile      = "binary_file"
	Directory       = "directory"
	Unreadable      = "unreadable"
	WrongEncoding   = "wrong_encoding"
	TruncatedGzip   = "truncated_gzip"
	TruncatedFile   = "truncated_file"
	SeveralMembers  = "several_members"
	NoSuchMember    = "no_such_member"
	TooManyMembers  = "too_many_members"
	UnsafeMember    = "unsafe_member"
	DuplicateMember = "duplicate_member"
	NestedArchive   = "nested_archive"
	NoSuchSheet     = "no_such_sheet"
	SeveralSheets   = "several_sheets"
	TooLarge        = "too_large"
	UnclosedQuote   = "unclosed_quote"
	RecordTooLong   = "record_too_long"
	TooManyColumns  = "too_many_columns"
	CellTooLarge    = "cell_too_large"
	CarriageReturns = "carriage_returns"
	JSONArray       = "json_array"
	BadJSON         = "bad_json"
	ExtraKeys       = "extra_keys"
	NotPermitted    = "not_permitted"
)

// Refusal is why a whole input file cannot be taken in, and what to do about
// it. Found, Wanted and Do are sentences without the file's name; Line is 0
// where the reason is not about one line.
type Refusal struct {
	File   string
	Line   int
	Reason string
	Found  schemas.Text
	Wanted schemas.Text
	Do     schemas.Text
}

// Error is the message in English.
func (r *Refusal) Error() string { return r.Message("en") }

// Message is one line in lang ("ja" or "en"): file, line, what was found, what
// was wanted and what to do.
func (r *Refusal) Message(lang string) string {
	where := r.File
	if r.Line > 0 {
		where = fmt.Sprintf("%s:%d", r.File, r.Line)
	}
	gap := " "
	if lang == "ja" {
		gap = ""
	}
	message := where + ": " + r.Found.In(lang)
	for _, part := range []schemas.Text{r.Wanted, r.Do} {
		if s := part.In(lang); s != "" {
			message += gap + s
		}
	}
	return message
}
