package generate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/kankei/kankei/schemas"
)

// rowBytes is the most a row takes on average, by encoding: what a disk must
// have room for.
var rowBytes = [encodings]int64{CP932: 240, UTF8: 290}

// Write writes the rows into files of equal numbers of rows, one per month if
// there are as many as [Months], and gives their paths.
func (w World) Write(dir string, e Encoding, files int) ([]string, error) {
	if err := makeRoom(dir, w.Rows*rowBytes[e]); err != nil {
		return nil, err
	}
	var paths []string
	for f := range int64(files) {
		path := filepath.Join(dir, fmt.Sprintf("ReservationTotalList-%03d.csv", f+1))
		if err := w.writeRows(path, e, f*w.Rows/int64(files), (f+1)*w.Rows/int64(files)); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// WriteNight writes the n rows that come on a night after the monthly files,
// the first night being 0: nine in ten for the last month, by persons known and new.
func (w World) WriteNight(path string, e Encoding, night int, n int64) error {
	from := w.Rows + int64(night)*n
	return w.writeRows(path, e, from, from+n)
}

// makeRoom makes the folder, and refuses where the disk would not have a tenth
// of what is written to spare.
func makeRoom(dir string, need int64) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return err
	}
	if free := int64(disk.Bavail) * disk.Bsize; free < need+need/10 {
		return fmt.Errorf("%s: %d GB free, want %d GB", dir, free/1e9, (need+need/10)/1e9)
	}
	return nil
}

// writeRows writes a file of the rows from first up to before end.
func (w World) writeRows(path string, e Encoding, first, end int64) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	const block = 1 << 20
	b := appendHeader(make([]byte, 0, block+1<<12), e)
	for i := first; i < end; i++ {
		b = w.appendRow(b, e, i)
		if len(b) >= block {
			if _, err := f.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err = f.Write(b)
	return err
}

func appendHeader(b []byte, e Encoding) []byte {
	for i, t := range texts(Header[:]...) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, t[e]...)
	}
	return append(b, "\r\n"...)
}

// appendRow appends row i and its line end.
func (w World) appendRow(b []byte, e Encoding, i int64) []byte {
	r := w.at(i)
	who := w.chance(personStream, r.person)
	booked := r.arrival - r.lead

	b = appendNumber(b, 7_000_000_000+r.booking)
	b = append(append(append(b, ','), kinds[r.kind][e]...), ",RY"...)
	b = appendNumber(b, 7_000_000_000+r.booking)
	b = append(appendDay(append(b, ','), r.arrival), ',')
	b = append(appendDay(b, r.arrival+r.nights), ',')
	b = append(appendClock(appendDay(b, booked), r.second), ',')
	if r.kind == cancellation {
		b = appendDay(b, booked+r.lead/2)
	}
	b = append(append(b, ','), sites[r.site][e]...)
	b = append(append(b, ','), houseNames[r.house][e]...)
	b = append(append(b, ','), plans[r.plan][e]...)
	b = appendGuest(append(b, ','), e, who)
	b = appendPhone(append(b, ','), r, who)
	b = appendHome(append(b, ','), e, who)
	b = appendMail(append(b, ','), r)
	b = append(b, ',')
	if r.member && who>>62 != 0 { // three persons in four are members
		b = appendNumber(append(b, "WK"...), r.person*8+int64(r.site))
	}
	b = append(b, ',', byte('0'+r.adults), ',', byte('0'+r.children), ',')
	updated := booked
	if r.kind != first {
		updated += r.lead / 2
	}
	b = appendClock(appendDay(b, updated), (r.second+int32(r.kind)*60)%86400)
	return append(b, "\r\n"...)
}

// appendGuest appends name and kana.
func appendGuest(b []byte, e Encoding, who uint64) []byte {
	family, own := who&31, who>>5&31
	b = append(append(b, families[family][e]...), ' ')
	b = append(append(b, given[own][e]...), ',')
	b = append(append(b, familyKana[family][e]...), ' ')
	return append(b, givenKana[own][e]...)
}

// appendPhone appends the guest's number, which one in eight shares with the
// next of the household, or that of the agency. There are 70 million.
func appendPhone(b []byte, r row, who uint64) []byte {
	switch {
	case r.byAgency:
		return appendDigits(append(b, "073-0"...), uint64(agency(r)%1_000_000), 6)
	case !r.phone:
		return b
	}
	p := r.person
	if who>>10&7 == 0 {
		p &^= 1
	}
	b = append(append(b, '0', byte('7'+p%3)), "0-0"...)
	n := uint64(p / 3)
	return appendDigits(append(appendDigits(b, n/10_000, 3), '-'), n%10_000, 4)
}

// agency is the number of the agency that booked: one for 5,000 persons.
func agency(r row) int64 { return r.person / 5000 }

// appendHome appends postcode and address. Half the guests live near.
func appendHome(b []byte, e Encoding, who uint64) []byte {
	towns := anywhere
	if who>>44&1 == 0 {
		towns = near
	}
	town := &towns[below(who>>12, int64(len(towns)))]
	postcode := town.postcode + who>>45&3
	b = append(appendDigits(b, postcode/100, 3), '-')
	b = append(appendDigits(b, postcode%100*100+who>>47&63, 4), ',')
	b = append(append(b, town.name[e]...), specimenTown[e]...)
	b = append(appendDigits(b, who>>53&7+1, 1), '-')
	return appendDigits(b, who>>56&63+1, 2)
}

// appendMail appends the guest's first or second mail address, or the agency's.
func appendMail(b []byte, r row) []byte {
	switch {
	case r.byAgency:
		b = appendNumber(append(b, "agency"...), agency(r))
	case !r.mail:
		return b
	case r.ownMail:
		b = appendNumber(append(b, "guest"...), r.person)
	default:
		b = appendNumber(append(b, "Work."...), r.person)
	}
	return append(b, "@example.jp"...)
}

// earliest is how many days before FirstDay a booking can have been made, and
// latest how many after it a stay can end.
const earliest, latest = 64, 800

// days are the texts of those days, from the earliest on.
var days = func() (list [earliest + latest][10]byte) {
	for i := range list {
		y, m, d := (FirstDay + schemas.Date(i-earliest)).Civil()
		b := append(appendDigits(nil, uint64(y), 4), '/')
		b = append(appendDigits(b, uint64(m), 2), '/')
		copy(list[i][:], appendDigits(b, uint64(d), 2))
	}
	return list
}()

// appendDay appends a day, given in days after FirstDay, as 2025/10/01.
func appendDay(b []byte, day int32) []byte { return append(b, days[day+earliest][:]...) }

// appendClock appends a second of the day as 16:56:00, after a space.
func appendClock(b []byte, second int32) []byte {
	s := uint64(second)
	b = appendDigits(append(b, ' '), s/3600, 2)
	b = appendDigits(append(b, ':'), s/60%60, 2)
	return appendDigits(append(b, ':'), s%60, 2)
}

// appendDigits appends the last n digits of a number.
func appendDigits(b []byte, number uint64, n int) []byte {
	b = append(b, "0000000000"[:n]...)
	for at := len(b) - 1; n > 0; n, at = n-1, at-1 {
		b[at] = byte('0' + number%10)
		number /= 10
	}
	return b
}

// appendNumber appends a number without leading zeros.
func appendNumber(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }
