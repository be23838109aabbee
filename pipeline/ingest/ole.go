package ingest

import (
	"encoding/binary"
	"errors"
	"unicode/utf16"
)

// errOLE is a compound file that contradicts itself.
var errOLE = errors.New("the compound file is damaged")

// oleFile is a compound file, the container of the old formats of Office: a
// small file system whose sectors are chained by a table (MS-CFB).
type oleFile struct {
	b     []byte
	shift uint // a sector has 1<<shift bytes
	fat   []uint32
}

const oleEnd = 0xFFFFFFFA // from here on a sector number is none

// openOLE reads the table of sectors.
func openOLE(b []byte) (*oleFile, error) {
	if len(b) < 512 {
		return nil, errOLE
	}
	f := &oleFile{b: b, shift: uint(binary.LittleEndian.Uint16(b[0x1E:]))}
	if f.shift != 9 && f.shift != 12 {
		return nil, errOLE
	}
	tables := words(b[0x4C:512])
	for next, n := binary.LittleEndian.Uint32(b[0x44:]), 0; next < oleEnd; n++ {
		sector, ok := f.sector(next)
		if !ok || n > f.sectors() {
			return nil, errOLE
		}
		all := words(sector)
		if len(all) == 0 { // the last sector of the file, cut short
			return nil, errOLE
		}
		tables, next = append(tables, all[:len(all)-1]...), all[len(all)-1]
	}
	for _, at := range tables {
		if at >= oleEnd {
			continue
		}
		sector, ok := f.sector(at)
		if !ok || len(f.fat) > f.sectors()+1<<f.shift {
			return nil, errOLE
		}
		f.fat = append(f.fat, words(sector)...)
	}
	return f, nil
}

func words(b []byte) []uint32 {
	w := make([]uint32, len(b)/4)
	for i := range w {
		w[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return w
}

// sector gives a sector; the last one of a file may be cut short.
func (f *oleFile) sector(n uint32) ([]byte, bool) {
	from := (int64(n) + 1) << f.shift
	if from >= int64(len(f.b)) {
		return nil, false
	}
	return f.b[from:min(from+1<<f.shift, int64(len(f.b)))], true
}

// sectors is the number of sectors of the file, the last of which may be cut short.
func (f *oleFile) sectors() int { return len(f.b)>>f.shift + 1 }

// chain puts the sectors of a stream together. A chain of more sectors than
// there are runs in a circle.
func (f *oleFile) chain(start uint32) ([]byte, error) {
	var all []byte
	for n, steps := start, 0; n < oleEnd; steps++ {
		sector, ok := f.sector(n)
		if !ok || int64(n) >= int64(len(f.fat)) || steps > f.sectors() {
			return nil, errOLE
		}
		all = append(all, sector...)
		n = f.fat[n]
	}
	return all, nil
}

// stream gives the content of the first stream that has one of the names.
func (f *oleFile) stream(names ...string) ([]byte, error) {
	directory, err := f.chain(binary.LittleEndian.Uint32(f.b[0x30:]))
	if err != nil {
		return nil, err
	}
	var root []byte
	for ; len(directory) >= 128; directory = directory[128:] {
		entry := directory[:128]
		if entry[66] == 5 {
			root = entry
		}
		for _, name := range names {
			if entry[66] == 2 && oleName(entry) == name {
				return f.content(entry, root)
			}
		}
	}
	return nil, errOLE
}

func oleName(entry []byte) string {
	units := make([]uint16, 0, 32)
	for i := 0; i+1 < 64; i += 2 {
		unit := binary.LittleEndian.Uint16(entry[i:])
		if unit == 0 {
			break
		}
		units = append(units, unit)
	}
	return string(utf16.Decode(units))
}

// content gives the bytes of a stream. Short ones lie in a stream of small
// sectors, that of the root, with a table of its own.
func (f *oleFile) content(entry, root []byte) ([]byte, error) {
	start, size := binary.LittleEndian.Uint32(entry[116:]), int64(binary.LittleEndian.Uint32(entry[120:]))
	if size >= int64(binary.LittleEndian.Uint32(f.b[0x38:])) {
		return cutTo(size)(f.chain(start))
	}
	if root == nil {
		return nil, errOLE
	}
	small, err := f.chain(binary.LittleEndian.Uint32(root[116:]))
	if err != nil {
		return nil, err
	}
	table, err := f.chain(binary.LittleEndian.Uint32(f.b[0x3C:]))
	if err != nil {
		return nil, err
	}
	// The same chains in smaller sectors, the first of which stands at the beginning.
	mini := &oleFile{b: append(make([]byte, 64), small...), shift: 6, fat: words(table)}
	return cutTo(size)(mini.chain(start))
}

func cutTo(size int64) func([]byte, error) ([]byte, error) {
	return func(b []byte, err error) ([]byte, error) {
		if err == nil && int64(len(b)) < size {
			err = errOLE
		}
		if err != nil {
			return nil, err
		}
		return b[:size], nil
	}
}
