package clean

import (
	"testing"

	"github.com/kankei/kankei/schemas"
)

func TestPurposes(t *testing.T) {
	got, ok := Purposes([]string{"leisure", "kin", "leisure"})
	if want := int32(schemas.Leisure | schemas.Kin); !ok || got != want {
		t.Errorf("Purposes(leisure, kin, leisure) = %b, %v, want %b", got, ok, want)
	}
	if got, ok := Purposes(nil); !ok || got != 0 {
		t.Errorf("Purposes() = %b, %v, want 0", got, ok)
	}
	for _, code := range []string{"", "Leisure", "観光"} {
		if got, ok := Purposes([]string{"leisure", code}); ok {
			t.Errorf("Purposes(leisure, %q) = %b, want refused", code, got)
		}
	}
}

func TestShape(t *testing.T) {
	for in, want := range map[string]string{
		"": "empty", "09012345679": "11 digits", "１": "1 digit", "Yamada": "6 letters", "山田太郎": "4 letters",
		"090-1234-567": "mixed, 12 characters", " ": "mixed, 1 character", "\xff\xfe": "mixed, 2 characters",
	} {
		if got := Shape(in); got != want {
			t.Errorf("Shape(%q) = %q, want %q", in, got, want)
		}
	}
}
