package pipeline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// Delivery is one delivered file, landed in Folder: one Parquet file per
// dataset, rejects.parquet, and the report.
type Delivery struct {
	ingest.Report
	Folder string
	// At is when it was delivered, on the clocks of Japan; Stated says that the file states it.
	At     schemas.Timestamp
	Stated bool
	// Restated names, by month such as 2026-03, the later delivery that has it anew.
	Restated map[string]string
}

// errNotLanded says that a file has yet to be landed.
var errNotLanded = errors.New("not landed")

// ingestParams is what decides the landed rows: the delivery keys of the files,
// which hold their content and what kankei.yaml says about them. The facility
// frame is not in these keys yet, but its own files are among them.
func ingestParams(r *Run) (any, error) {
	in, err := r.takeIn()
	if err != nil {
		return nil, err
	}
	r.intake = in
	type file struct {
		Path, Key string
		Stated    StatedTime
		Complete  string
	}
	files := []file{}
	for _, f := range in.files {
		files = append(files, file{f.rel, r.job(f, nil).Delivery, f.source.Delivered, f.source.Complete})
	}
	return files, nil
}

// ingestFresh says whether every file has been landed and remembered, and none
// is refused, and if so gives the run its deliveries.
func ingestFresh(r *Run) (bool, error) {
	if len(r.intake.refused) > 0 || len(r.intake.gone) > 0 {
		return false, nil
	}
	err := r.eachFile(func(f inputFile, _ ingest.Job, folder string) (ingest.Report, error) {
		if r.Vintage == "" && r.known[delivered{f.source.Name, f.rel}].Digest != f.digest {
			return ingest.Report{}, errNotLanded // or landed, but not remembered
		}
		return readReport(folder)
	})
	if errors.Is(err, errNotLanded) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.restate()
	return true, r.settleAsOf()
}

// ingestFiles lands what has not been landed. All files are tried before a
// refusal ends the run, so that all faults of a night are told at once.
func ingestFiles(ctx context.Context, r *Run) error {
	refused := slices.Clone(r.intake.refused)
	if err := r.ReplaceJSON(r.digestsPath(), r.intake.digests); err != nil {
		return err
	}
	r.arrived = r.Now()
	if err := r.rememberKey(r.fingerprint, r.arrived); err != nil {
		return err
	}
	r.warnForgotten()
	task, before := r.Log.Task("ingest", r.intake.bytes()), int64(0)
	defer task.Done()
	err := r.eachFile(func(f inputFile, job ingest.Job, folder string) (ingest.Report, error) {
		job.Progress = func(_, bytes int64) { task.Set(before + min(bytes, f.size)) }
		report, err := r.landFile(ctx, f, job, folder)
		before += f.size
		task.Set(before)
		if refusal := new(ingest.Refusal); errors.As(err, &refusal) {
			refused = append(refused, err)
			err = errNotLanded
		}
		if f.source.Kind == "facility" && (err != nil || report.RowsRejected > 0) {
			r.frameFaults = append(r.frameFaults, f.rel)
		}
		return report, err
	})
	if err != nil && !errors.Is(err, errNotLanded) {
		return err
	}
	refused = append(refused, r.holdMonths()...)
	if len(refused) > 0 && r.Config.OnRefused == "stop" {
		return r.stopped(refused)
	}
	r.Refused = refused
	if err := r.rememberDeliveries(); err != nil {
		return err
	}
	r.restate()
	return r.settleAsOf()
}

// stopped is the end of a run over refused input.
func (r *Run) stopped(refused Problems) error {
	if heldOnly(refused) {
		return &Error{
			Code:  ExitGated,
			Found: say("行や列が減った納品が %d 件あるため、何も公開せずに止まりました", "nothing was released, because deliveries that lost rows or columns wait to be accepted (%d)", len(refused)),
			Err:   refused,
		}
	}
	return &Error{
		Code:  ExitRefused,
		Found: say("読み込めない入力が %d 件あるため、何も公開せずに止まりました", "nothing was released, because inputs were refused (%d)", len(refused)),
		Do: say("直してからもう一度実行してください。そのファイルを除いて続けるには kankei.yaml に on_refused: continue と書きます",
			"mend them and run again; to go on without them, say on_refused: continue in kankei.yaml"),
		Err: refused,
	}
}

// eachFile visits the files, facilities first because the regions of bookings
// come from them, and sets the run's deliveries to the reports that visit
// gives. A file for which visit returns errNotLanded is left out; that error is
// returned in the end, any other at once.
func (r *Run) eachFile(visit func(f inputFile, job ingest.Job, folder string) (ingest.Report, error)) error {
	files := slices.Clone(r.intake.files)
	slices.SortStableFunc(files, func(a, b inputFile) int { return cmp.Compare(turn(a), turn(b)) })
	orders := map[string]int{}
	var found []Delivery
	var missing error
	var frame map[string]string
	for _, f := range files {
		if turn(f) == 1 && frame == nil {
			var err error
			if frame, err = readFrame(found); err != nil {
				return err
			}
		}
		job := r.job(f, frame)
		folder := r.landedFolder(job.Delivery)
		report, err := visit(f, job, folder)
		switch {
		case errors.Is(err, errNotLanded):
			missing = err
		case err != nil:
			return err
		default:
			orders[job.Delivery] = f.order
			report.File = f.rel // its path today: it may have been renamed since it was landed
			d := Delivery{Report: report, Folder: folder}
			if r.settle(&d); r.knownThen(d) {
				found = append(found, d)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Delivery) int { return cmp.Compare(orders[a.Delivery], orders[b.Delivery]) })
	r.Deliveries = found
	return missing
}

// turn is when a file is read: 0 for the facility frame, 1 for all else.
func turn(f inputFile) int {
	if f.source.Kind == "facility" {
		return 0
	}
	return 1
}

// job is how a file is landed.
func (r *Run) job(f inputFile, frame map[string]string) ingest.Job {
	s := f.source
	overrides := ingest.Overrides{Region: s.Region, Facility: s.Facility, Facilities: s.Facilities, Sheet: s.Sheet}
	if s.Kind == "booking" {
		overrides.Frame = frame
		// A source of one facility takes place where that facility lies.
		overrides.Region = cmp.Or(s.Region, s.Facilities[s.Facility], frame[s.Facility])
	}
	key := ingest.DeliveryKey(f.digest, f.mapping, overrides, r.fingerprint, s.Name)
	return ingest.Job{
		Source: s.Name, Kind: s.Kind, Path: r.Path(f.rel), Rel: f.rel, FileDigest: f.digest,
		Delivery: r.widen(key, s),
		Mapping:  f.mapping, Overrides: overrides, Permitted: s.Permitted != "", Regions: r.Regions, Tokens: r.tokens, Threads: r.Threads,
		Stated: ingest.Stated(s.Delivered), Originals: r.originals,
	}
}

// widen adds to a delivery key what the project decides beside it: the scope of
// its members, whether it may hold the register of residents, where its content states
// its time, who may read the values of refused rows, and the changes of region codes.
func (r *Run) widen(key string, s Source) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %t %q %q %q", key, s.Scope, s.Permitted != "", r.codeChanges, s.Delivered.Content, r.Config.Rejects.Recipient))
	return hex.EncodeToString(sum[:8])
}

// landFile gives the report of a file, landing it first where it has not been.
func (r *Run) landFile(ctx context.Context, f inputFile, job ingest.Job, folder string) (ingest.Report, error) {
	report, err := readReport(folder)
	if errors.Is(err, errNotLanded) {
		report, err = r.landNew(ctx, f, job, folder)
	}
	if err != nil {
		return report, err
	}
	return report, r.checkReport(f, report, job.Overrides.Frame)
}

// checkReport refuses a file that could be read but not be meant. frame has the
// houses of the facility frame.
func (r *Run) checkReport(f inputFile, report ingest.Report, frame map[string]string) error {
	if err := r.checkTelling(f, report, frame); err != nil {
		d := Delivery{Report: report}
		if r.settle(&d); r.knownThen(d) {
			return err
		}
		return nil // a run that looks back leaves it out; the frame that places its houses may not have come yet
	}
	return r.held(f, report)
}

// landNew lands a file under a temporary name and gives it its place.
func (r *Run) landNew(ctx context.Context, f inputFile, job ingest.Job, folder string) (ingest.Report, error) {
	out, err := r.TempDir(folder)
	if err != nil {
		return ingest.Report{}, err
	}
	defer os.RemoveAll(out)
	job.Out = out
	report, err := ingest.Land(ctx, job)
	if err != nil {
		return report, err
	}
	// A file that is still being written has been read in part only.
	if digest, _, err := digestFile(job.Path, nil); err != nil {
		return report, err
	} else if digest != f.packed {
		return report, changedRefusal(f)
	}
	r.Log.Say(say("%s: %d 行のうち %d 行を読み込みました", "%s: %[3]d of %[2]d rows landed", f.rel, report.RowsIn, report.RowsLanded))
	return report, r.Commit(out, folder)
}

func changedRefusal(f inputFile) error {
	return &ingest.Refusal{
		File: f.rel, Reason: "changed_while_read",
		Found: say("読んでいる間に内容が変わりました。", "changed while it was read."),
		Do:    say("別の名前で書き込み、終わってから改名するようにしてください。", "Deliver under another name and rename when complete."),
	}
}

// leastTelling is the number of rows of which at least one should land; with
// fewer, all may be wrong by chance.
const leastTelling = 10

// reasonNothing is why a file is refused whose rows were all rejected.
const reasonNothing = "nothing_landed"

// checkTelling refuses a file all of whose rows were rejected: its mapping or
// its source is wrong, and leaving its rows out of every figure would hide it.
func (r *Run) checkTelling(f inputFile, report ingest.Report, frame map[string]string) error {
	if report.RowsLanded > 0 || report.RowsIn < leastTelling {
		return nil
	}
	do := say("kankei inspect で最初の誤りを見て、kankei.yaml のソースを直してください。", "See the first faults with kankei inspect, then correct the source in kankei.yaml.")
	if 2*report.Rejected[schemas.UnknownRegion] > report.RowsIn && f.source.Kind == "booking" {
		do = r.placeHouse(f.source.Facility, frame)
	}
	return &ingest.Refusal{
		File: f.rel, Reason: reasonNothing,
		Found: say("%d 行のすべてが除かれました（%s）。", "all of its %d rows were rejected (%s).", report.RowsIn, Counts(report.Rejected)),
		Do:    do,
	}
}

// placeHouse says how a booking comes to a region where neither its rows nor its
// source tell one: the file alone is no help, so inspect is not.
func (r *Run) placeHouse(house string, frame map[string]string) schemas.Text {
	if len(r.frameFaults) > 0 {
		list := strings.Join(r.frameFaults, ", ")
		return say("どの市町村の施設か分かりません。施設の台帳 %s に、読み込めなかった行があります。先に kankei inspect で確かめて直してください。",
			"Nothing tells which municipality the house lies in: rows of the facility frame %s were refused. See them with kankei inspect and mend them first.", list)
	}
	if near := nearest(house, slices.Sorted(maps.Keys(frame))); near != "" {
		return say("施設「%s」は施設の台帳にありません。「%s」のことであれば、同じ名前にそろえてください。", "The facility frame has no house %q. If it is %q, give it the same name in both.", house, near)
	}
	if house == "" {
		return say("どの市町村の施設か分かりません。ソースに facility（施設名）を書いて施設の台帳（kind: facility）に載せるか、region か facilities に5桁のコードを書いてください。",
			"Nothing tells which municipality the house lies in. Name it in the source (facility) and list it in the facility frame (kind: facility), or write five-digit codes under region or facilities.")
	}
	return say("施設「%s」がどの市町村にあるか分かりません。施設の台帳（kind: facility）に同じ名前で載せるか、ソースの region か facilities に5桁のコードを書いてください。",
		"Nothing tells which municipality the house %q lies in. List it under that name in the facility frame (kind: facility), or write five-digit codes under region or facilities of the source.", house)
}

// readReport reads the report of a landed file.
func readReport(folder string) (ingest.Report, error) {
	var report ingest.Report
	path := folder + "/report.json"
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return report, errNotLanded
	}
	return report, readJSON(path, &report)
}

// readFrame gives the region of each facility of the landed frames.
func readFrame(found []Delivery) (map[string]string, error) {
	frame := map[string]string{}
	for _, d := range found {
		if d.Landed["facility"] == 0 {
			continue
		}
		rows, err := parquet.ReadFile[schemas.Facility](d.Folder + "/facility.parquet")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Folder, err)
		}
		for _, f := range rows {
			frame[f.Facility] = f.RegionCode
		}
	}
	return frame, nil
}

// settleAsOf gives the run its as-of day where none was asked for: the last
// month-end up to which the data know anything. Official totals and the
// facility frame do not say how far the records of persons reach.
func (r *Run) settleAsOf() error {
	if r.Vintage != "" && len(r.Deliveries) == 0 {
		return r.nothingThen()
	}
	r.noteDeliveries()
	through, dated := dataThrough(r.Deliveries)
	if r.asOfGiven {
		if dated && through < r.AsOf {
			r.Log.Warn("as_of", "", say("データは %s までで、指定の基準日 %s に届きません", "the data end on %s, before the as-of day %s", through, r.AsOf))
		}
		r.noteEnded()
		return nil
	}
	if !dated {
		return &Error{
			Code:  ExitRefused,
			Found: say("日付のある行が一つもなく、基準日を決められません", "no row has a date, so there is no as-of day"),
			Do:    say("kankei status で除かれた行の理由を見るか、--as-of で基準日を指定してください", "see kankei status for why rows were rejected, or give --as-of"),
		}
	}
	if r.AsOf = lastMonthEnd(through); r.AsOf < through {
		r.Log.Say(say("基準日は %s です。データは %s までで、終わりまで届いていない月は数えません（--as-of で変えられます）", "as of %s: the data end on %s, and a month that has not ended waits (--as-of says otherwise)", r.AsOf, through))
	}
	r.noteEnded()
	return nil
}

// dataThrough is the latest day that any record of persons knows of.
func dataThrough(deliveries []Delivery) (latest schemas.Date, ok bool) {
	for _, d := range deliveries {
		if d.Kind == "total" || d.Kind == "facility" || d.DataThrough == nil {
			continue
		}
		if !ok || *d.DataThrough > latest {
			latest, ok = *d.DataThrough, true
		}
	}
	return latest, ok
}

// lastMonthEnd is the latest last day of a month that is not after d.
func lastMonthEnd(d schemas.Date) schemas.Date {
	if d == d.MonthEnd() {
		return d
	}
	return d.AddMonths(-1)
}

// Counts writes counts by name, most frequent first.
func Counts(by map[string]int64) string {
	names := make([]string, 0, len(by))
	for name := range by {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(by[b], by[a]), cmp.Compare(a, b)) })
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, by[name])
	}
	return strings.Join(names, ", ")
}

// sweepLanded removes landed files that no delivery of this run refers to. It
// is for the end of a run without refusals: until the store has taken the
// change, a run that was killed may still want them, and what is refused
// tonight, such as a file on a disk that is not mounted, may be back tomorrow.
func (r *Run) sweepLanded() error {
	wanted := map[string]bool{}
	for _, d := range r.Deliveries {
		wanted[d.Folder] = true
	}
	root := r.Path("work", "landed")
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if folder := r.Path("work", "landed", e.Name()); !wanted[folder] {
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
		}
	}
	return nil
}
