package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/kankei/kankei/pipeline/ingest"
)

// intake is what a run is to read: the files of the sources, found and
// digested but not opened, and what is wrong with the lot of them.
type intake struct {
	files   []inputFile
	refused Problems
	// gone are the files that vanished and whose absence is accepted.
	gone []deliveryEvent
	// doubles are files with the content of another file of their source.
	doubles []double
	// unread are files that are listed and cannot be opened.
	unread  []delivered
	digests digestCache
}

// inputFile is one file to read. Order is its place in a run without haste:
// that of its source in kankei.yaml, then that of its path.
type inputFile struct {
	order   int
	source  Source
	mapping *ingest.Mapping // nil to go by the header
	rel     string
	digest  string // of its content, unpacked: a file is the same in whatever wrapping
	packed  string // of the file as it was delivered
	size    int64  // of the file as it was delivered
}

// bytes is the size of all files.
func (in *intake) bytes() int64 {
	var sum int64
	for _, f := range in.files {
		sum += f.size
	}
	return sum
}

type double struct{ source, rel, of string }

// takeIn finds the files of the sources. An error is a fault of the disk;
// faults of the input are in refused.
func (r *Run) takeIn() (*intake, error) {
	in := &intake{}
	if err := readJSON(r.digestsPath(), &in.digests); err != nil || in.digests == nil {
		in.digests = digestCache{}
	}
	for i, s := range r.Config.Sources {
		if err := r.takeInSource(in, s, r.mappings[i]); err != nil {
			return nil, err
		}
	}
	in.forget()
	return in, r.findVanished(in)
}

// forget drops the digests of files that are no longer there.
func (in *intake) forget() {
	there := map[string]bool{}
	for _, f := range in.files {
		there[f.rel] = true
	}
	for _, d := range in.doubles {
		there[d.rel] = true
	}
	maps.DeleteFunc(in.digests, func(rel string, _ cachedDigest) bool { return !there[rel] })
}

// mapping is the mapping of a source: a file of the project, a built-in one, or
// nil where the header of each file is to choose among the built-in ones.
func (r *Run) mapping(i int, s Source) (*ingest.Mapping, error) {
	at := r.Config.At(fmt.Sprintf("sources[%d].mapping", i))
	m, err := r.namedMapping(at, s.Mapping)
	switch {
	case err != nil:
		return nil, err
	case m == nil && s.Scope != "":
		return nil, &Error{Code: ExitMisused, Where: r.Config.At(fmt.Sprintf("sources[%d].scope", i)),
			Found: say("scope を指定するには mapping も必要です", "scope needs a mapping to be named too")}
	case m == nil:
		return nil, nil
	case m.Kind != s.Kind:
		return nil, &Error{Code: ExitMisused, Where: at,
			Found: say("%s は %s のマッピングで、このソースは %s です", "%s is a mapping for %s, and the source is one for %s", m.ID, m.Kind, s.Kind)}
	case s.Scope != "":
		own := *m
		own.Scope = s.Scope
		return &own, nil
	}
	return m, nil
}

func (r *Run) namedMapping(at, name string) (*ingest.Mapping, error) {
	if name == "" {
		return nil, nil
	}
	if isMappingFile(name) {
		return r.ownMapping(at, name)
	}
	if m, ok := ingest.Builtin(name); ok {
		return m, nil
	}
	var ids []string
	for _, b := range ingest.Builtins() {
		ids = append(ids, b.ID)
	}
	found := say("組み込みのマッピングに %s はありません", "no built-in mapping is called %s", name)
	if near := nearest(name, ids); near != "" {
		found = say("組み込みのマッピングに %s はありません。%s のことですか", "no built-in mapping is called %s; did you mean %s?", name, near)
	}
	return nil, &Error{
		Code: ExitMisused, Where: at, Found: found,
		Wanted: say("%s、または .yaml で終わるファイル", "%s, or a file that ends in .yaml", strings.Join(ids, ", ")),
		Do:     say("kankei inspect ファイル で合うマッピングがわかります", "kankei inspect FILE proposes one that fits"),
	}
}

// ownMapping reads a mapping of the project.
func (r *Run) ownMapping(at, name string) (*ingest.Mapping, error) {
	text, err := os.ReadFile(r.Path(name))
	if err != nil {
		return nil, &Error{Code: ExitMisused, Where: at, Found: say("マッピング %s を読めません", "the mapping %s cannot be read", name), Err: errors.Unwrap(err)}
	}
	m, err := ingest.LoadMapping(text, name)
	if err != nil {
		return nil, &Error{Code: ExitMisused, Where: at, Found: say("マッピングに誤りがあります", "the mapping has a fault"), Err: err}
	}
	return m, nil
}

// takeInSource adds the files of one source, sorted by path.
func (r *Run) takeInSource(in *intake, s Source, mapping *ingest.Mapping) error {
	names, err := r.expand(s.Files)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		in.refused = append(in.refused, noFile(s))
	}
	byDigest := map[string]string{}
	for _, rel := range names {
		found, err := in.digests.of(r.Path(rel), rel)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			in.refused, in.unread = append(in.refused, unreadRefusal(rel, err)), append(in.unread, delivered{s.Name, rel})
			continue
		}
		if err != nil {
			return err
		}
		digest := found.content()
		if first, twice := byDigest[digest]; twice {
			in.doubles = append(in.doubles, double{s.Name, rel, first})
			continue
		}
		byDigest[digest] = rel
		in.files = append(in.files, inputFile{len(in.files), s, mapping, rel, digest, found.Digest, found.Size})
	}
	return nil
}

// unreadRefusal is of a file that is listed and cannot be opened.
func unreadRefusal(rel string, err error) error {
	found := say("リンクの先がないか、読む間に消えました。", "a link to nothing, or it went while it was looked for.")
	do := say("ファイルそのものを置いてください。", "Put the file itself there.")
	if errors.Is(err, fs.ErrPermission) {
		found = say("読み取りの権限がありません。", "whoever runs kankei may not read it.")
		do = say("実行する利用者に読み取りを許してください。", "Let the user of the run read it.")
	}
	return &ingest.Refusal{File: rel, Reason: ingest.Unreadable, Found: found, Do: do}
}

func noFile(s Source) error {
	return &ingest.Refusal{
		File: strings.Join(s.Files, ", "), Reason: "no_file",
		Found: say("ソース %s のファイルがありません。", "the source %s has no file.", s.Name),
		Do:    say("ファイルを置くか、kankei.yaml の files を直してください。", "Put it there, or correct files in kankei.yaml."),
	}
}

// expand gives the files that match patterns, each once, sorted. Hidden files
// and the lock files of office programs are no exports.
func (r *Run) expand(patterns []string) ([]string, error) {
	root := os.DirFS(r.Dir)
	var names []string
	for _, pattern := range patterns {
		matches, err := fs.Glob(root, path.Clean(pattern))
		if err != nil {
			return nil, err
		}
		for _, name := range matches {
			info, err := fs.Stat(root, name)
			lost := errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) // refused by name when it is read
			if err != nil && !lost {
				return nil, err
			}
			base := path.Base(name)
			if (lost || info.Mode().IsRegular()) && !strings.HasPrefix(base, ".") && !strings.HasPrefix(base, "~$") {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// findVanished compares the files with those seen before. A file that is gone
// takes its rows out of every figure, so its absence must be meant; a file
// whose content now lies under another path of its source was only renamed.
func (r *Run) findVanished(in *intake) error {
	all, err := r.deliveryLog()
	if err != nil {
		return err
	}
	known := all.last()
	r.firstSeen = all.firstSeen()
	r.known = map[delivered]deliveryEvent{}
	present := map[delivered]bool{}
	contents := map[content]bool{}
	sources := map[string]bool{}
	for _, s := range r.Config.Sources {
		sources[s.Name] = true
	}
	for _, f := range in.files {
		present[delivered{f.source.Name, f.rel}] = true
		contents[content{f.source.Name, f.digest}] = true
	}
	for _, d := range in.doubles {
		present[delivered{d.source, d.rel}] = true
	}
	for _, d := range in.unread {
		present[d] = true
	}
	for _, e := range known {
		at := delivered{e.Source, e.Path}
		r.known[at] = e
		switch {
		case present[at], r.Vintage != "":
		case !sources[e.Source], contents[content{e.Source, e.Digest}], r.accepts(e.Source, e.Path, e.Digest, reasonVanished):
			in.gone = append(in.gone, e)
		default:
			in.refused = append(in.refused, vanishedRefusal(e))
		}
	}
	if r.Vintage != "" {
		r.findUnavailable(in, all)
	}
	return nil
}

func vanishedRefusal(e deliveryEvent) error {
	return &ingest.Refusal{
		File: e.Path, Reason: reasonVanished,
		Found: say("前回まであったファイル（%s に初めて読み込み、%d 行）がありません。", "this file is gone; it was first read on %s and had %d rows.",
			e.At.Local().Format(time.DateOnly), e.Rows),
		Do: say("元に戻すか、なくてよければ kankei run --accept %s としてください。", "Put it back, or, if its rows are to leave the figures: kankei run --accept %s", Quoted(e.Path)),
	}
}

// accepts says whether someone accepted that a file is gone, cut off or has lost
// rows or columns: on record, or by the options of this run.
func (r *Run) accepts(source, rel, digest, reason string) bool {
	return r.acceptances[acceptance{Source: source, Path: rel, Digest: digest, Reason: reason}] ||
		slices.Contains(r.accept, rel)
}

// digestCache remembers the digests of files by their path, so that a night's
// run need not read years of exports. An entry holds as long as size, inode and
// both times (content, status) of the file stay the same; the status time
// cannot be set back by programs that preserve the other one.
type digestCache map[string]cachedDigest

type cachedDigest struct {
	Size     int64  `json:"size"`
	Inode    uint64 `json:"inode"`
	Modified int64  `json:"modified"`
	Changed  int64  `json:"changed"`
	// Digest is of the file as delivered, Unpacked of what is in a compressed file, otherwise ''.
	Digest   string `json:"digest"`
	Unpacked string `json:"unpacked,omitempty"`
}

// content is the digest of what is in the file.
func (d cachedDigest) content() string { return cmp.Or(d.Unpacked, d.Digest) }

func (w Workspace) digestsPath() string { return w.Path("work", "digests.json") }

// of is what is known of the file at path, which the project calls rel.
func (c digestCache) of(path, rel string) (cachedDigest, error) {
	info, err := os.Stat(path)
	if err != nil {
		return cachedDigest{}, err
	}
	entry := cachedDigest{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		entry.Inode = stat.Ino
		entry.Changed = stat.Ctim.Nano()
	}
	entry.Digest, entry.Unpacked = c[rel].Digest, c[rel].Unpacked
	if entry.Digest != "" && entry == c[rel] {
		return entry, nil
	}
	entry.Digest, entry.Size, err = digestFile(path, nil)
	if errors.Is(err, fs.ErrPermission) {
		return entry, &ingest.Refusal{
			File: rel, Reason: ingest.Unreadable,
			Found: say("読む権限がありません。", "may not be read."),
			Do:    say("ファイルの権限を直してください。", "Correct its permissions."),
		}
	}
	if err == nil {
		entry.Unpacked, err = ingest.ContentDigest(path)
	}
	if err != nil {
		return entry, err
	}
	c[rel] = entry
	return entry, nil
}
