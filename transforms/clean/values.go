package clean

import (
	"iter"

	"github.com/kankei/kankei/schemas"
)

// DateOrder is the order of day and month in dates written with the year last.
type DateOrder uint8

// Orders of day and month.
const (
	Unknown    DateOrder = iota // not decided: 03/04/2026 is not read
	DayFirst                    // 03/04/2026 is 3 April
	MonthFirst                  // 03/04/2026 is March 4
)

func Date(s string, order DateOrder) (schemas.Date, bool)           { return 0, false }
func ExcelSerial(s string) (schemas.Date, bool)                     { return 0, false }
func DecideOrder(values iter.Seq[string]) DateOrder                 { return Unknown }
func Timestamp(s string, order DateOrder) (schemas.Timestamp, bool) { return 0, false }
func Int(s string) (int64, bool)                                    { return 0, false }
func Decimal(s string) (float64, bool)                              { return 0, false }
func NormalName(s string) string                                    { return "" }
func AppendNormalName(dst []byte, s string) []byte                  { return dst }
func NormalKana(s string) string                                    { return "" }
func AppendNormalKana(dst []byte, s string) []byte                  { return dst }
func NormalEmail(s string) string                                   { return "" }
func AppendNormalEmail(dst []byte, s string) []byte                 { return dst }
func NormalPhone(s string) string                                   { return "" }
func AppendNormalPhone(dst []byte, s string) []byte                 { return dst }
func NormalID(s string) string                                      { return "" }
func AppendNormalID(dst []byte, s string) []byte                    { return dst }
func FoldVariants(s string) string                                  { return s }
func Purposes(codes []string) (int32, bool)                         { return 0, false }
func Shape(s string) string                                         { return "" }
