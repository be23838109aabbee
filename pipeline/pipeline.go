// Package pipeline runs the river: it finds the exports of a project, leads
// them through the stages, and keeps what the stages write. Start at [Stages].
//
// Everything that touches a path, the clock, the environment or a database is
// here; arithmetic is in the transforms.
package pipeline

import (
	"slices"

	"github.com/kankei/kankei/schemas"
)

// Stages are the stages in the order in which they run.
func Stages() []Stage {
	return []Stage{
		{Name: "ingest", Writes: landedDatasets, Params: ingestParams, Fresh: ingestFresh, Run: ingestFiles},
		{Name: "clean", Reads: []string{"booking", "visit"}, Writes: []string{"stay", "night_tally"},
			Params: cleanParams, Fresh: storeThere, Run: clean},
		{Name: "link", Reads: append([]string{"stay"}, landedPersons...), Writes: []string{"identity"},
			Params: cleanParams, Fresh: storeThere, Run: linkPersons},
		{Name: "visit", Reads: []string{"stay", "identity", "act", "survey_tie"}, Writes: []string{"visit_month", "act_month", "tally"},
			Params: visitParams, Fresh: storeThere, Run: countVisits},
		{Name: "weight", Reads: []string{"survey_response", "survey_tie", "total"}, Writes: []string{"survey_weight"},
			Params: weightParams, Fresh: storeThere, Run: weighSurveys},
		{Name: "estimate", Reads: []string{"booking", "stay", "act", "tally", "visit_month", "act_month", "night_tally", "identity", "facility", "total", "move", "survey_weight"}, Writes: figureDatasets,
			Params: estimateParams, Fresh: internalThere, Run: estimateFigures},
		{Name: "disclose", Reads: append(slices.Clone(figureDatasets), "stay", "identity", "visit_month", "act_month"), Writes: []string{"disclosure", "origin_destination_detail"}, Params: discloseParams, Run: discloseFigures},
		{Name: "publish", Reads: []string{"disclosure"}, Params: publishParams, Fresh: releaseThere, Run: publishRelease},
	}
}

// landedDatasets are what ingest writes, for each delivered file.
var landedDatasets = []string{
	"booking", "visit", "survey_response", "survey_tie", "act", "move", "facility", "total", "rejects",
}

// Step is what a run would do about a stage, and why.
type Step struct {
	Stage Stage
	// Key is the stage's key, '' where it depends on a stage that has yet to run.
	Key string
	// Fresh says that the stage need not run.
	Fresh bool
	// Why is the reason why it runs.
	Why schemas.Text
}

// assess finds out whether a stage has to run, given the keys of the stages
// that wrote what it reads.
func (r *Run) assess(s Stage, m manifest, writers map[string]string) (Step, error) {
	step := Step{Stage: s}
	var params any
	if s.Params != nil {
		var err error
		if params, err = s.Params(r); err != nil {
			return step, err
		}
	}
	program, err := executable()
	if err != nil {
		return step, err
	}
	if step.Key, err = stageKey(s, program, params, writers); err != nil {
		return step, err
	}
	switch {
	case m.Stages[s.Name] == "":
		step.Why = say("まだ実行していません", "has not run yet")
		return step, nil
	case m.Programs[s.Name] != program:
		step.Why = say("プログラムが変わりました", "the program changed")
		return step, nil
	case m.Stages[s.Name] != step.Key:
		step.Why = say("入力か設定が変わりました", "its inputs or settings changed")
		return step, nil
	}
	step.Fresh = true
	if s.Fresh != nil {
		step.Fresh, err = s.Fresh(r)
	}
	if !step.Fresh {
		step.Why = say("結果がないか、入力が拒否されています", "what it wrote is gone, or inputs are refused")
	}
	return step, err
}

// Plan is what a run would do, without doing it. Refusals that can be seen
// without reading the files are in Run.Refused afterwards.
func (r *Run) Plan() ([]Step, error) {
	if !r.createsKey(r.getenv) { // nothing has been read under a key that is yet to be made
		if err := r.openKey(); err != nil {
			return nil, err
		}
	}
	m := r.readManifest()
	writers := map[string]string{}
	var steps []Step
	upstream := ""
	for _, s := range Stages() {
		step := Step{Stage: s, Why: say("%s を実行するため", "%s runs before it", upstream)}
		if upstream == "" {
			var err error
			if step, err = r.assess(s, m, writers); err != nil {
				return nil, err
			}
		}
		if !step.Fresh && upstream == "" {
			upstream = s.Name
		}
		for _, d := range s.Writes {
			writers[d] = step.Key
		}
		steps = append(steps, step)
	}
	r.Refused = r.intake.refused
	return steps, nil
}

// Inputs are the files a run would read, each with whether it has been read
// before in this content.
func (r *Run) Inputs() []Input {
	var all []Input
	for _, f := range r.intake.files {
		known := r.known[delivered{f.source.Name, f.rel}].Digest == f.digest
		in := Input{Source: f.source.Name, Path: f.rel, Bytes: f.size, Known: known}
		if f.mapping != nil {
			in.Mapping = f.mapping.ID
		}
		all = append(all, in)
	}
	return all
}

// Input is a file that a run reads.
type Input struct {
	Source, Path string
	// Mapping is the id of its mapping, '' where its header decides.
	Mapping string
	Bytes   int64
	// Known says that it has been read before in this content.
	Known bool
}
