package ingest

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/klauspost/compress/flate"
)

// newZip opens an archive, inflating with the faster of two implementations.
// What an archive says of the number of its members is not believed: they are
// listed as long as the list is of a size that can be.
func (in *input) newZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	list := &directory{src: r, left: directoryMax}
	archive, err := zip.NewReader(list, size)
	switch {
	case list.left < 0, err == nil && len(archive.File) > membersMax:
		return nil, in.tooManyMembers()
	case err != nil:
		return nil, in.refuse(TruncatedFile, text("zipが途中で切れているか、壊れています。", "the zip archive is cut short or damaged."),
			text("送り直してもらうか、もう一度ダウンロードしてください。", "Fetch the file again."))
	}
	list.listed = true
	archive.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	return archive, nil
}

// directory reads an archive of which only so many bytes are read before its
// members are listed.
type directory struct {
	src    io.ReaderAt
	left   int64
	listed bool
}

var errDirectory = errors.New("the list of members is too long")

// ReadAt reads from the archive.
func (d *directory) ReadAt(p []byte, off int64) (int, error) {
	if !d.listed {
		if d.left -= int64(len(p)); d.left < 0 {
			return 0, errDirectory
		}
	}
	return d.src.ReadAt(p, off)
}

func (in *input) tooManyMembers() *Refusal {
	r := in.refuse(TooManyMembers, text("zipの中のファイルが多すぎます。", "a zip archive of too many files."),
		text("月ごとなど、いくつかのzipに分けてください。", "Split it into several archives, by month for example."))
	r.Wanted = text(fmt.Sprintf("%d個まで読めます。", membersMax), fmt.Sprintf("At most %d are read.", membersMax))
	return r
}

func (in *input) nested() *Refusal {
	r := in.refuse(NestedArchive, text("圧縮ファイルの中に圧縮ファイルがあります。", "an archive within an archive."),
		text("取り出して、中のファイルを置いてください。", "Unpack it and deliver the files within."))
	r.Wanted = text("表のファイルを一重に圧縮したものだけが読めます。", "Only a table that is packed once is read.")
	return r
}

// memberName is a member's path. Archives made on Japanese Windows carry CP932
// names without saying so.
func memberName(m *zip.File) string {
	if !m.NonUTF8 {
		return m.Name
	}
	return DecodeCP932(m.Name)
}

// chooseMember finds the one member of the archive that holds data: the one
// asked for, or the only one. XML documents are read together: site controllers
// send one for every event of every room.
func (in *input) chooseMember(archive *zip.Reader, want string) error {
	var data []string
	for _, m := range archive.File {
		name := memberName(m)
		if !isPlain(m, name) {
			return in.unsafeMember(name)
		}
		if !isData(m, name) || want != "" && name != want && path.Base(name) != want {
			continue
		}
		if m.Flags&1 != 0 {
			return in.encrypted()
		}
		data = append(data, name)
	}
	slices.Sort(data)
	if twice := repeatedName(data); twice != "" {
		return in.duplicateMember(twice)
	}
	switch {
	case len(data) == 1:
		in.member = data[0]
		return nil
	case len(data) > 1 && !slices.ContainsFunc(data, isNotXML):
		in.members = data
		return nil
	case len(data) > 1:
		return in.refuse(SeveralMembers,
			text(fmt.Sprintf("zipの中にファイルが%d個あります：%s。", len(data), list(data, "、")), fmt.Sprintf("a zip archive of %d files: %s.", len(data), list(data, ", "))),
			text("取り出して、読むファイルだけを置いてください。", "Unpack it and deliver the file that is meant."))
	case want != "":
		return in.refuse(NoSuchMember,
			text(fmt.Sprintf("zipの中に「%s」がありません。", want), fmt.Sprintf("the zip archive has no file %q.", want)),
			text("ファイル名を直してください。", "Correct the name of the file."))
	}
	return in.empty()
}

// isPlain says whether a member is what an export has: a file or a folder, at a
// path within the archive. Nothing is ever unpacked to disk, but an archive
// with other things in it was not made by an export.
func isPlain(m *zip.File, name string) bool {
	inside := strings.TrimPrefix(strings.TrimSuffix(strings.ReplaceAll(name, `\`, "/"), "/"), "./")
	kind := m.Mode() & fs.ModeType
	return fs.ValidPath(inside) && !strings.Contains(inside, ":") && !strings.ContainsFunc(inside, unicode.IsControl) && (kind == 0 || kind == fs.ModeDir)
}

func (in *input) unsafeMember(name string) *Refusal {
	r := in.refuse(UnsafeMember, text(fmt.Sprintf("zipの中に「%s」があります。", shown(name)), fmt.Sprintf("the zip archive has %q in it.", shown(name))),
		text("中身を確かめ、データのファイルだけを圧縮し直してください。", "Check what it is, and pack only the files of data anew."))
	r.Wanted = text("絶対パス、..、リンクを含むzipは読みません。", "Archives with absolute paths, .. or links are not read.")
	return r
}

// shown is a name of which a message can show the beginning.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return replacement
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 100 {
		return string(runes[:100]) + "…"
	}
	return name
}

// repeatedName is a name that sorted names have twice, or "".
func repeatedName(names []string) string {
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			return names[i]
		}
	}
	return ""
}

func (in *input) duplicateMember(name string) *Refusal {
	r := in.refuse(DuplicateMember, text(fmt.Sprintf("zipの中に「%s」が二つあります。", shown(name)), fmt.Sprintf("the zip archive has %q twice.", shown(name))),
		text("読むファイルだけを圧縮し直してください。", "Pack only the file that is meant anew."))
	r.Wanted = text("同じ名前のファイルは一つだけにしてください。", "Each name may stand for one file.")
	return r
}

func isNotXML(name string) bool { return !strings.EqualFold(path.Ext(name), ".xml") }

// isData leaves out folders and what operating systems add to archives.
func isData(m *zip.File, name string) bool {
	base := path.Base(name)
	return !m.FileInfo().IsDir() && m.UncompressedSize64 > 0 &&
		!strings.HasPrefix(name, "__MACOSX/") && !strings.HasPrefix(base, ".") && !strings.EqualFold(base, "thumbs.db")
}
