package disclose

import (
	"encoding/binary"
	"io"
	"math/big"
)

// Sampler draws discrete noise from a source of random bytes, exactly: no floating-point number
// is involved, whose last digits give noise away (Mironov 2012). The algorithms are those
// of Canonne, Kamath & Steinke (2020), The Discrete Gaussian for Differential Privacy.
type Sampler struct{ Source io.Reader }

// Laplace draws discrete Laplace noise, P(z) ∝ exp(−|z| over/under) with ε/Δ = over/under (their algorithm
// 2). It returns [ErrParameter] unless both are positive, or the error of the source.
func (s Sampler) Laplace(over, under int64) (int64, error) {
	if over <= 0 || under <= 0 {
		return 0, ErrParameter
	}
	for {
		u, err := s.below(big.NewInt(under))
		if err != nil {
			return 0, err
		}
		yes, err := s.bernoulliExp(new(big.Rat).SetFrac(u, big.NewInt(under)))
		if err != nil {
			return 0, err
		}
		if !yes {
			continue
		}
		x := u.Int64()
		for {
			yes, err := s.bernoulliExp(big.NewRat(1, 1))
			if err != nil {
				return 0, err
			}
			if !yes {
				break
			}
			x += under
		}
		y := x / over
		minus, err := s.bernoulli(big.NewRat(1, 2))
		if err != nil {
			return 0, err
		}
		if minus && y == 0 {
			continue
		}
		if minus {
			y = -y
		}
		return y, nil
	}
}

// Gaussian draws discrete Gaussian noise, P(z) ∝ exp(−z²/2σ²), σ² = over/under (their algorithm 3).
// It gives Δ²/2σ² zero-concentrated differential privacy.
func (s Sampler) Gaussian(over, under int64) (int64, error) {
	if over <= 0 || under <= 0 {
		return 0, ErrParameter
	}
	variance := big.NewRat(over, under)
	t := new(big.Int).Sqrt(new(big.Int).Quo(variance.Num(), variance.Denom())).Int64() + 1 // ⌊σ⌋ + 1
	for {
		y, err := s.Laplace(1, t)
		if err != nil {
			return 0, err
		}
		// exp(−(|y| − σ²/t)²/2σ²)
		d := new(big.Rat).Sub(big.NewRat(max(y, -y), 1), new(big.Rat).Quo(variance, big.NewRat(t, 1)))
		g := d.Mul(d, d)
		g.Quo(g, new(big.Rat).Mul(big.NewRat(2, 1), variance))
		yes, err := s.bernoulliExp(g)
		if err != nil {
			return 0, err
		}
		if yes {
			return y, nil
		}
	}
}

// bernoulliExp is true with probability exp(−g), g ≥ 0 (their algorithm 1).
func (s Sampler) bernoulliExp(g *big.Rat) (bool, error) {
	one := big.NewRat(1, 1)
	for g = new(big.Rat).Set(g); g.Cmp(one) > 0; g.Sub(g, one) {
		yes, err := s.bernoulliExp(one)
		if err != nil || !yes {
			return false, err
		}
	}
	for k := int64(1); ; k++ {
		yes, err := s.bernoulli(new(big.Rat).Quo(g, big.NewRat(k, 1)))
		if err != nil {
			return false, err
		}
		if !yes {
			return k%2 == 1, nil
		}
	}
}

// bernoulli is true with probability p.
func (s Sampler) bernoulli(p *big.Rat) (bool, error) {
	u, err := s.below(p.Denom())
	if err != nil {
		return false, err
	}
	return u.Cmp(p.Num()) < 0, nil
}

// below is uniform on 0 … n−1, by rejection.
func (s Sampler) below(n *big.Int) (*big.Int, error) {
	length := n.BitLen()
	bytes := make([]byte, (length+7)/8)
	for {
		if _, err := io.ReadFull(s.Source, bytes); err != nil {
			return nil, err
		}
		bytes[0] >>= (8 - length%8) % 8
		if u := new(big.Int).SetBytes(bytes); u.Cmp(n) < 0 {
			return u, nil
		}
	}
}

// words is a generator of random words. For differential privacy its seed must be secret.
type words interface{ Uint64() uint64 }

// Words reads the bytes of a generator of 64-bit words, such as rand.ChaCha8.
func Words(generator words) io.Reader { return &wordReader{generator: generator} }

type wordReader struct {
	generator words
	left      []byte
}

// Read fills b; it never fails.
func (r *wordReader) Read(b []byte) (int, error) {
	for k := range b {
		if len(r.left) == 0 {
			r.left = binary.LittleEndian.AppendUint64(nil, r.generator.Uint64())
		}
		b[k], r.left = r.left[0], r.left[1:]
	}
	return len(b), nil
}
