package ingest

import "github.com/kankei/kankei/schemas"

// landVisit makes a dated observation of a person in a region of a draft.
func landVisit(w *worker, d *draft, at schemas.Provenance) fault {
	if !d.on.ok {
		return fault{"visited_on", schemas.MissingValue}
	}
	region := w.region(d, d.on.v)
	if region == "" {
		return fault{"region.code", schemas.UnknownRegion}
	}
	v := schemas.Visit{
		Provenance: at, VisitedOn: d.on.v, RegionCode: region, Nights: w.rows.counts.put(d.nights),
		Purposes: int32(d.purposes), Residence: w.home(d, d.on.v), Tokens: w.pseudonyms(d),
	}
	if d.id != "" {
		v.Observation = w.tokens.Response(w.scope, d.id)
	}
	w.rows.visits = append(w.rows.visits, v)
	w.counts.person(v.Residence, v.Tokens)
	w.counts.dated(d.on.v)
	return fault{}
}

// landResponse makes the answers of one person of a draft.
func landResponse(w *worker, d *draft, at schemas.Provenance) fault {
	if !d.on.ok {
		return fault{"answered_on", schemas.MissingValue}
	}
	sex := d.sex
	if sex == "" {
		sex = schemas.Unknown
	}
	r := schemas.SurveyResponse{
		Provenance: at, Response: w.response(d), AnsweredOn: d.on.v, Sex: sex,
		BirthYear: w.rows.counts.put(d.birthYear), Age: w.rows.counts.put(d.age), MigrationIntent: d.intent, RevisitIntent: d.revisit,
		Stratum: d.stratum, SamplingUnit: d.samplingUnit, DesignWeight: w.rows.weights.put(d.designWeight),
		StratumPopulation: w.rows.weights.put(d.stratumPopulation), ReplicateWeights: d.replicateWeights, Responded: w.rows.flags.put(d.responded),
		Residence: w.home(d, d.on.v), Tokens: w.pseudonyms(d),
	}
	w.rows.responses = append(w.rows.responses, r)
	w.counts.person(r.Residence, r.Tokens)
	w.counts.dated(d.on.v)
	return fault{}
}

// landTie makes one reported relation to a region of a draft.
func landTie(w *worker, d *draft, at schemas.Provenance) fault {
	if !d.on.ok {
		return fault{"answered_on", schemas.MissingValue}
	}
	region := w.region(d, d.on.v)
	if region == "" {
		return fault{"region.code", schemas.UnknownRegion}
	}
	t := schemas.SurveyTie{
		Provenance: at, Response: w.response(d), AnsweredOn: d.on.v, RegionCode: region,
		Regular: w.rows.flags.put(d.regular), VisitsPerYear: w.rows.counts.put(d.visitsPerYear), VisitsPerYearMost: w.rows.counts.put(d.visitsMost),
		VisitsToPrefecture: w.rows.counts.put(d.visitsToPrefecture), Nights: w.rows.counts.put(d.nights), PaidLodging: w.rows.flags.put(d.paidLodging),
		TripMunicipalities: w.rows.counts.put(d.tripMunicipalities), Purposes: int32(d.purposes), SinceYear: w.rows.counts.put(d.since),
		Residence: w.home(d, d.on.v), Tokens: w.pseudonyms(d),
	}
	w.rows.ties = append(w.rows.ties, t)
	w.counts.person(t.Residence, t.Tokens)
	w.counts.dated(d.on.v)
	return fault{}
}

// response is the token of the response's own number, 0 where it has none.
func (w *worker) response(d *draft) int64 {
	if d.id == "" {
		return 0
	}
	return w.tokens.Response(w.scope, d.id)
}
