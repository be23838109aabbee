package capture

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kankei/kankei/internal/casetable"
)

// The oracle rounds the numbers of persons to whole ones; errors it gives in full.
func TestCaseB01Abundance(t *testing.T) {
	c := casetable.Open(t, "b01_chao_species")
	for _, name := range []string{"butterfly", "traffic", "cottontail", "insects"} {
		d := c.Read("input_" + name + ".csv")
		f := Frequencies(d.Numbers("n_j")) // no class is left out of the files
		ace, ace1, err := ACE(f, int(c.Answer(name+"/ACE/cutoff")))
		if err != nil {
			t.Fatal(err)
		}
		c.Holds(name+"/ACE/Nhat/0", math.Round(ace.N))
		c.Holds(name+"/ACE/Nhat/1", math.Round(ace1.N))
		c.Holds(name+"/ACE/SE/0", ace.StdErr)
		c.Holds(name+"/ACE/SE/1", ace1.StdErr)
		n, order, err := Jackknife(f)
		if err != nil {
			t.Fatal(err)
		}
		c.Holds(name+"/jackknife/order", float64(order))
		c.Holds(name+"/jackknife/Nhat", math.Round(n.N))
		c.Holds(name+"/jackknife/SE", n.StdErr)
	}
}

// By hand, for 10 persons seen once, 5 twice and 2 three times, cutoff 3: D = 17, X = 26,
// Q = 5·2 + 2·6 = 22, O = 16, so 17·10/16 = 10.625 are unseen but for the differences;
// 17·22/(16·25) = 0.935 is below 1 and γ² nought. J₁ = 17 + 10, and J₂ = 17 + 20 − 5 = 32 is
// off by 5, v = 17/16 (15 − 25/17): T = 1.32, order 1, and its error √(4·10 + 7 − 27).
func TestAbundanceByHand(t *testing.T) {
	f := Frequencies{10, 5, 2}
	ace, ace1, err := ACE(f, 3)
	if err != nil || math.Abs(ace.N-27.625) > 1e-12 || ace1 != ace {
		t.Errorf("abundance coverage %v and %v (%v), want 27.625", ace, ace1, err)
	}
	n, order, err := Jackknife(f)
	if err != nil || order != 1 || n.N != 27 || math.Abs(n.StdErr-math.Sqrt(20)) > 1e-12 {
		t.Errorf("jackknife %v of order %d (%v), want 27 of order 1", n, order, err)
	}
	if ace, _, err := ACE(Frequencies{0, 0, 0, 7}, 3); err != nil || ace.N != 7 || ace.StdErr != 0 {
		t.Errorf("nobody is rare: %v (%v), want the 7 seen", ace, err)
	}
}

func TestAbundanceRefusals(t *testing.T) {
	for _, c := range []struct {
		f      Frequencies
		cutoff int
		want   string
	}{
		{Frequencies{5}, 10, "nobody was seen 2 to 10 times"},
		{Frequencies{5, 0, 1}, 2, "nobody was seen 2 to 2 times"},
		{Frequencies{5, 1}, 0, "cutoff of at least 1"},
		{nil, 10, "nobody was seen"},
	} {
		if _, _, err := ACE(c.f, c.cutoff); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	if _, _, err := Jackknife(Frequencies{-1}); err == nil || !strings.Contains(err.Error(), "is no count") {
		t.Errorf("error %v, want that −1 is no count", err)
	}
}

// Laws: no fewer than were seen; ACE-1 no fewer than ACE; the slopes by which errors are
// made are those of the estimate.
func TestAbundanceProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := make(Frequencies, 6)
		for j := range f {
			f[j] = float64(rapid.IntRange(1, 400/(j+1)).Draw(rt, "f"))
		}
		cutoff := rapid.IntRange(2, 8).Draw(rt, "cutoff")
		ace, ace1, err := ACE(f, cutoff)
		if err != nil || ace.N < f.Seen() || ace1.N < ace.N {
			rt.Fatalf("%v: %v and %v (%v)", f, ace, ace1, err)
		}
		if n, _, err := Jackknife(f); err != nil || !(n.StdErr >= 0) {
			rt.Fatalf("%v: %v (%v)", f, n, err)
		}
		for _, again := range []bool{false, true} {
			r := rareOf(f, cutoff)
			_, by := r.unseen(again)
			for i, at := range []*float64{&r.persons, &r.sightings, &r.pairs, &r.single} {
				middle := *at
				*at = middle + 1e-4
				up, _ := r.unseen(again)
				*at = middle - 1e-4
				down, _ := r.unseen(again)
				*at = middle
				if slope := (up - down) / 2e-4; math.Abs(slope-by[i]) > 1e-4*(1+math.Abs(slope)) && math.Abs(r.persons*r.pairs/((r.sightings-r.single)*(r.sightings-1))-1) > 1e-3 {
					rt.Fatalf("%v: slope %d is %v, differences say %v", f, i, by[i], slope)
				}
			}
		}
	})
}
