package pipeline

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/transforms/attack"
	"github.com/kankei/kankei/transforms/disclose"
)

// Published is what [Publish] did.
type Published struct {
	// ID is the name of the publication in published/, Release that of the release it was.
	ID, Release string
	// Before says that it had been published already.
	Before bool
	// Earlier is the number of publications that it was held against.
	Earlier int
	// Loss is what it spent of the privacy budget, nil where nothing in it is differentially private.
	Loss *privacyLoss
	// Rules are the rules of disclosure control and their thresholds.
	Rules []publish.AppliedRule
	// Tables say what of each dataset is withheld.
	Tables []publish.Suppressed
}

// attackOptions say how hard the gate tries: a linear programme for each cell of small tables.
var attackOptions = attack.Options{Seed: 20, Simplex: 60}

// Publish promotes the current release to a publication in published/, if its files are whole, and if
// an attack on it and all earlier publications together finds no withheld count. Otherwise it refuses, and
// names the cells in work/disclosure-audit.csv. A release that was published is left as it is.
func Publish(ctx context.Context, p *Project, command string, now time.Time) (Published, error) {
	unlock, err := p.Lock(command, now)
	if err != nil {
		return Published{}, err
	}
	defer unlock()
	report, err := Verify(ctx, p.Path("releases"))
	if err == nil {
		err = report.Err()
	}
	if err != nil {
		return Published{}, err
	}
	out := Published{Release: report.Release}
	ledger, err := p.publications()
	if err != nil {
		return out, err
	}
	earlier, err := p.earlier(ctx)
	if err != nil {
		return out, err
	}
	if i := slices.IndexFunc(ledger, func(l publication) bool { return l.Release == out.Release }); i >= 0 {
		out.ID, out.Before, out.Loss = ledger[i].ID, true, ledger[i].Loss
		return p.described(out)
	}
	tables, err := p.gate(ctx, out.Release, earlier)
	if err != nil {
		return out, err
	}
	out.Earlier = len(earlier)
	if out.Loss, err = p.spend(out.Release, ledger); err != nil {
		return out, err
	}
	shapes, err := p.reportMap()
	if err != nil {
		return out, err
	}
	done, err := publish.Promote(ctx, p.Path("releases", out.Release), p.Path("published"), shapes)
	if err != nil {
		return out, err
	}
	out.ID = done.ID
	if err := p.record(out, tables, now); err != nil {
		return out, err
	}
	return p.described(out)
}

// record enters a publication into the ledger.
func (p *Project) record(out Published, tables attack.Tables, now time.Time) error {
	digest, err := publish.Digest(p.Path("published", out.ID))
	if err != nil {
		return err
	}
	if err := p.keepBasis(out.Release, out.ID); err != nil {
		return err
	}
	if err := p.keepWithheld(out.ID); err != nil {
		return err
	}
	shown := 0
	for _, c := range tables.Cells {
		if c.Low == c.High {
			shown++
		}
	}
	return p.AppendJSON(p.ledgerPath(), publication{At: toMillisecond(now), ID: out.ID, Release: out.Release, AsOf: out.ID[:10], Digest: digest,
		Cells: shown, Withheld: len(tables.Withheld), Loss: out.Loss})
}

// described adds the rules and what is withheld.
func (p *Project) described(out Published) (Published, error) {
	m, err := publish.ReadManifest(p.Path("published", out.ID))
	if err != nil {
		return out, err
	}
	out.Rules = m.Rules
	out.Tables, err = publish.SuppressedIn(p.Path("published", out.ID))
	return out, err
}

// gate attacks the files of a release, and refuses it for what it finds.
func (p *Project) gate(ctx context.Context, release string, earlier []attack.Earlier) (attack.Tables, error) {
	tables, err := readTables(ctx, p.Path("releases", release))
	if err != nil {
		return tables, err
	}
	asked, listed, err := p.asked()
	if err != nil {
		return tables, err
	}
	leaks, err := attack.Leaks(tables, earlier, func(name string) attack.Asked { return asked[name] }, attackOptions)
	if errors.Is(err, attack.ErrContradiction) {
		return tables, &Error{Code: ExitGated, Where: "releases/" + release, Found: say("表どうしが矛盾しています", "its tables contradict each other"), Err: err,
			Do: say("全国の値が県の和より小さいなど、別々に届いた合計が食い違っていないかを確かめ、kankei run で作り直してください", "check whether totals that were delivered apart contradict one another, as a nation that is less than its prefectures, and make the release anew with kankei run")}
	}
	if err != nil {
		return tables, err
	}
	within, err := p.within(earlier)
	if err != nil {
		return tables, err
	}
	least := disclose.Threshold{Persons: int64(p.Config.Disclosure.Persons)}.Effective().Persons
	leaks = slices.Concat(leaks, tables.Told(listed), attack.Steps(tables.Steps, least), attack.Differences(tables, earlier, within, least))
	if err := p.Replace(p.auditPath(), auditCSV(leaks)); err != nil || len(leaks) == 0 {
		return tables, err
	}
	return tables, &Error{
		Code: ExitGated, Where: "releases/" + release,
		Found: say("公表しません: 秘匿したセルのうち %d 個が、公表する値（と過去の公表）から計算できます", "not published: %d withheld cells can be computed from what is shown, here and in earlier publications", len(leaks)),
		Do:    say("どのセルかは work/disclosure-audit.csv にあります（外に出さないこと）", "work/disclosure-audit.csv names them; it must not leave the house"),
	}
}

// auditPath is where the gate names what it found, to the controller only.
func (w Workspace) auditPath() string { return w.Path("work", "disclosure-audit.csv") }

func auditCSV(leaks []attack.Leak) []byte {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	lines := [][]string{{"cell", "withheld_by", "least", "greatest", "found_by"}}
	for _, l := range leaks {
		greatest := ""
		if l.High < attack.Unbounded {
			greatest = strconv.FormatInt(l.High, 10)
		}
		lines = append(lines, []string{l.Name, l.Publication, strconv.FormatInt(l.Low, 10), greatest, l.By})
	}
	_ = out.WriteAll(lines) // into memory
	return b.Bytes()
}

// asked is the protection of primary cells, by name, and the names of all cells that are to be withheld. Without the list a release
// passes where the configuration asks for no more than that they cannot be computed.
func (p *Project) asked() (asked map[string]attack.Asked, listed []string, err error) {
	text, err := os.ReadFile(p.suppressionPath())
	more := p.Config.Disclosure.Protection != 0 || p.Config.Disclosure.Dominance != (Dominance{})
	if errors.Is(err, fs.ErrNotExist) && !more {
		return nil, nil, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, &Error{Code: ExitMisused, Where: "work/disclosure.csv", Found: say("ありません", "is missing"),
			Do: say("kankei run で作り直してください", "make it anew with kankei run")}
	}
	if err != nil {
		return nil, nil, err
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, nil, err
	}
	asked = map[string]attack.Asked{}
	for _, l := range lines[1:] {
		listed = append(listed, l[0])
		value, width, above := atoi(l[1]), atoi(l[5]), atoi(l[6])
		if more && l[2] == "primary" {
			asked[l[0]] = attack.Asked{Width: width, Reach: value + above}
		}
	}
	return asked, listed, nil
}

// atoi is a number of a file of ours.
func atoi(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}
