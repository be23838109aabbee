package acceptance

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
)

// The ready project on the booking export of two hotels. The numbers are those
// of its authors (Antonio, de Almeida, Nunes, Data in Brief 22, 2019) and plain
// counts of the file.
func TestHotelGivesTheKnownAnswers(t *testing.T) {
	slow(t)
	p := ready(t, "hotel", filepath.Join(sharedtest.Dir(t), "real", "hotel", "hotel_bookings.csv.gz"))
	run := p.must(t, "run")
	for indicator, want := range map[string]string{
		"rows_in": "119390", "rows_landed": "119390", "rows_rejected": "0", "cancelled": "43017", "no_show": "1207",
		"stays": "75166", "identical_rows": "31994", "stays_without_person": "75166", "persons": "0",
	} {
		expect(t, indicator, p.published(t, `SELECT sum(value) FROM quality WHERE indicator = '`+indicator+`'`), want)
	}
	expect(t, "records of the file", p.internal(t, `SELECT rows_in, rows_landed, rows_rejected, identical FROM deliveries`),
		"119390", "119390", "0", "31994")

	// Guest-nights of adults and children, for both hotels, by country.
	const nights = `SELECT sum(guest_nights) FROM guest_nights WHERE region_level = 'prefecture' AND `
	expect(t, "guest-nights", p.internal(t, nights+`origin_code = 'all'`), "508853")
	for country, want := range map[string]string{"PT": "100219", "GB": "95806", "FR": "60617"} {
		expect(t, "guest-nights of "+country, p.internal(t, nights+`origin_country = '`+country+`'`), want)
	}
	expect(t, "guest-nights shown of Portugal", p.published(t, `
		SELECT count(*) > 0 FROM guest_nights WHERE origin_country = 'PT' AND conf_status = 'F' AND guest_nights > 0`), "true")

	// Nobody is identified: no figure of persons, and the run says why.
	expect(t, "figures of persons", p.published(t, `
		SELECT count(*) > 0, count(*) FILTER (obs_status <> 'M'), count(value) FROM relational_population`), "true", "0", "0")
	if want := "persons cannot be estimated"; !strings.Contains(run.stdout, want) {
		t.Errorf("kankei run does not say %q:\n%s", want, run.stdout)
	}
	if want, status := "人数は推計できません", p.must(t, "status", "--lang", "ja"); !strings.Contains(status.stdout, want) {
		t.Errorf("kankei status does not say %q:\n%s", want, status.stdout)
	}
}
