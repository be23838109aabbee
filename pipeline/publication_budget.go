package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/transforms/disclose"
)

// privacyLoss is what a publication spent of the privacy budget.
type privacyLoss struct {
	// Digest is the SHA-256 of the perturbed rows: the same rows published again tell nothing more.
	Digest string `json:"digest"`
	// Epsilon is a pure loss, Rho a zero-concentrated one; neither where the rows had been published.
	Epsilon float64 `json:"epsilon,omitempty"`
	Rho     float64 `json:"rho,omitempty"`
	// Accumulated is the loss ε of all publications with this one.
	Accumulated float64 `json:"accumulated"`
}

// spend is what publishing a release spends of the privacy budget, nil where its table is not differentially private. It
// refuses a release for which what is left is not enough. Releases that are not published spend nothing.
func (p *Project) spend(release string, ledger []publication) (*privacyLoss, error) {
	rules, rows, err := publish.Perturbed(p.Path("releases", release), detailDataset)
	m, perturbed := disclose.MechanismOf(rules, detailDataset)
	if err != nil || !perturbed || !m.Private() {
		return nil, err
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	out := &privacyLoss{Digest: hex.EncodeToString(sum[:])}
	asked := p.Config.Disclosure.Detail
	budget, again := disclose.Budget{Epsilon: float64(asked.Budget), Delta: float64(asked.Delta)}, false
	for _, l := range ledger {
		if l.Loss != nil {
			budget.Entries = append(budget.Entries, disclose.Spent{For: l.ID, Epsilon: l.Loss.Epsilon, Rho: l.Loss.Rho})
			again = again || l.Loss.Digest == out.Digest
		}
	}
	if again {
		out.Accumulated = budget.Spent()
		return out, nil
	}
	more := m.Spends(release)
	after, err := budget.Spend(more)
	if errors.Is(err, disclose.ErrBudget) {
		return nil, &Error{Code: ExitGated, Where: p.Config.At("disclosure.detail.budget"),
			Found: say("差分プライバシーの予算が足りません: これまでに ε = %.4g、今回 %.4g、予算 %.4g", "the privacy budget is spent: ε = %.4g so far, %.4g for this publication, of a budget of %.4g",
				budget.Spent(), m.Epsilon, budget.Epsilon),
			Do: say("disclosure.detail を外して作り直すか、予算（budget）を増やすかを、責任者が決めてください", "leave out disclosure.detail and run again, or let who answers for it raise the budget")}
	}
	out.Epsilon, out.Rho, out.Accumulated = more.Epsilon, more.Rho, after.Spent()
	return out, err
}
