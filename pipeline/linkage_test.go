package pipeline

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/link"
)

// booked is a booking of someone with these tokens, on a line of its own.
func booked(line int32, residence string, t schemas.Tokens) schemas.Booking {
	t.Identity = t.Member*1_000_003 + t.Email*10_007 + t.Phone*101 + t.Name
	return schemas.Booking{Provenance: schemas.Provenance{Source: "s", Delivery: "d", Line: line}, Booking: int64(line), Status: "booked",
		Facility: "inn", RegionCode: "30401", CheckIn: day("2025-01-01") + schemas.Date(line), CheckOut: day("2025-01-02") + schemas.Date(line),
		Residence: schemas.Residence{ResidenceCode: residence}, Tokens: t}
}

func bookedStore(t *testing.T, rows []schemas.Booking) *store {
	t.Helper()
	dir := t.TempDir()
	s := fillStore(t, filepath.Join(dir, "store.duckdb"), []landed{deliver(t, dir, "d", "booking", rows)}, testRules)
	t.Cleanup(func() { s.close() })
	return s
}

// By hand: member 1 has a new telephone at the second stay, and a stay without the
// number that has both the old e-mail and the new telephone: without the number all
// are one. Member 2 has nothing in common at two stays: two. Member 3 has three
// stays, two of which share a telephone: two; a fourth gives nothing but the number
// and would have no pseudonym. Member 4 was once.
func TestKeyedByHand(t *testing.T) {
	s := bookedStore(t, []schemas.Booking{
		booked(2, "27127", schemas.Tokens{Member: 1, Email: 10, Phone: 11}), booked(3, "27127", schemas.Tokens{Member: 1, Phone: 12}),
		booked(4, "27127", schemas.Tokens{Email: 10, Phone: 12}),
		booked(5, "27127", schemas.Tokens{Member: 2, Phone: 21}), booked(6, "27127", schemas.Tokens{Member: 2, Phone: 22}),
		booked(7, "27127", schemas.Tokens{Member: 3, Phone: 31}), booked(8, "27127", schemas.Tokens{Member: 3, Phone: 31, Email: 30}),
		booked(9, "27127", schemas.Tokens{Member: 3, Phone: 33}), booked(10, "27127", schemas.Tokens{Member: 3}),
		booked(11, "27127", schemas.Tokens{Member: 4, Phone: 41}),
	})
	got, err := s.keyed(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := link.Keyed{
		Members:     []link.Members{{Stays: 2, Parts: 1, Count: 1}, {Stays: 2, Parts: 2, Count: 1}, {Stays: 3, Parts: 2, Count: 1}},
		RepeatStays: 9, Sharing: 8, // all but member 4; all of these but line 4
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keyed (-want +got):\n%s", diff)
	}
}

// By hand: two names at one address under one telephone are neighbours; a name at
// two telephones is a near miss where the municipality is the same, or the facility
// where one is not known, and none where both are known and differ. Each pair is in
// one stratum.
func TestPairsByHand(t *testing.T) {
	s := bookedStore(t, []schemas.Booking{
		booked(2, "27127", schemas.Tokens{Phone: 1, Name: 7}), booked(3, "27127", schemas.Tokens{Phone: 1, Name: 8}),
		booked(4, "27127", schemas.Tokens{Phone: 2, Name: 7}),                                        // same name and municipality as line 2
		booked(5, "unknown", schemas.Tokens{Phone: 3, Name: 7}),                                      // near to both by facility
		booked(6, "14100", schemas.Tokens{Phone: 4, Name: 7}),                                        // elsewhere: near to line 5 alone
		booked(7, "27127", schemas.Tokens{Phone: 5, Name: 7, NameDated: true}),                       // another kind of name
		booked(8, "abroad", schemas.Tokens{Phone: 6}), booked(9, "abroad", schemas.Tokens{Phone: 7}), // nothing shared
	})
	ctx := context.Background()
	if err := s.temp(ctx, "judged_pair", link.Pairs); err != nil {
		t.Fatal(err)
	}
	var got []string
	for scan, err := range s.rows(ctx, `SELECT stratum || ' ' || least(a.line, b.line) || ' ' || greatest(a.line, b.line)
		FROM judged_pair p JOIN stay a ON a.identity = p.first JOIN stay b ON b.identity = p.second ORDER BY ALL`) {
		var pair string
		if err == nil {
			err = scan(&pair)
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, pair)
	}
	want := []string{"linked 2 3", "name_facility 2 5", "name_facility 4 5", "name_facility 5 6", "name_residence 2 4"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
}

// A sample may come back from a spreadsheet sorted, in part, and in another
// encoding where names are.
func TestReviewFromSpreadsheet(t *testing.T) {
	row := func(pair, stratum, pairs, same string) string {
		return pair + "," + stratum + "," + pairs + ",15,4,2,\x94\x92\x95\x6c,a.csv,2,2026-01,30401,s,a.csv,3,2026-02,30401," + same + "\r\n"
	}
	text := strings.Join(pairColumns, ",") + "\r\n" + row("9", link.Hub, "21", "no") + row("2", link.Linked, "2", " Yes ") + row("4", link.Hub, "21", "UNCLEAR") + row("5", link.Hub, "21", "")
	f := pairFile{name: "pairs.csv", read: map[string]bool{}}
	if err := f.parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	want := link.Review{
		Population: link.Population{Pseudonyms: 15, RepeatStays: 4, RepeatPairs: 2},
		Strata:     []link.Stratum{{Name: link.Hub, Pairs: 21, Different: 1, Unclear: 1}, {Name: link.Linked, Pairs: 2, Same: 1}},
	}
	if diff := cmp.Diff(want, f.review); diff != "" || f.answers != 3 {
		t.Errorf("%d answers, review (-want +got):\n%s", f.answers, diff)
	}
	for _, wrong := range []string{
		row("1", link.Linked, "2", "yes") + row("2", link.Linked, "3", "no"),                                     // two sizes of a stratum
		row("1", link.Linked, "1", "yes") + row("2", link.Linked, "1", "no"),                                     // more judged than there are
		row("1", link.Linked, "2", "yes") + strings.Replace(row("2", link.Linked, "2", "no"), ",15,", ",16,", 1), // two populations
		row("1", link.Linked, "two", "yes"), row("1", link.Linked, "2", "yes") + "2,linked\r\n", "",
	} {
		f := pairFile{name: "pairs.csv", read: map[string]bool{}}
		if err := f.parse([]byte(strings.Join(pairColumns, ",") + "\r\n" + wrong)); ExitCode(err) != ExitMisused || !strings.HasPrefix(err.Error(), "pairs.csv:") {
			t.Errorf("%q: %v, want it refused with its place", wrong, err)
		}
	}
}

// A second key says nothing of false links, and nothing known gives no row.
func TestLinkageQualitySaysWhatIsKnown(t *testing.T) {
	if rows := linkageQuality(link.Perfect); len(rows) != 0 {
		t.Errorf("nothing known: %v", rows)
	}
	e, known := link.Keyed{Members: []link.Members{{Stays: 2, Parts: 1, Count: 32}, {Stays: 2, Parts: 2, Count: 8}}, RepeatStays: 10}.Errors()
	rows := linkageQuality(e)
	if !known || len(rows) != 4 {
		t.Fatalf("a second key: %t, %d rows, want the four of missed links", known, len(rows))
	}
	for i, indicator := range []string{"linkage_missed", "linkage_missed_std_error", "linkage_missed_low", "linkage_missed_high"} {
		if rows[i].Indicator != indicator || rows[i].Reason != link.SecondKey || rows[i].Source != "all" {
			t.Errorf("row %d: %+v, want %s", i, rows[i], indicator)
		}
	}
	if *rows[0].Ratio != e.Missed.Value || *rows[1].Ratio != e.AlphaStdErr {
		t.Errorf("rates %v, %v, want %v, %v", *rows[0].Ratio, *rows[1].Ratio, e.Missed.Value, e.AlphaStdErr)
	}
}
