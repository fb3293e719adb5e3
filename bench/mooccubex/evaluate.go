package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

const (
	top      = 10
	tuneStep = 5 // weights are chosen on every 5th person
	workers  = 2
)

// ranker scores all courses for person u of a split into out, which is zero.
// It is used by several goroutines at once.
type ranker func(u int, history []int32, out []float32)

// result is how a method did, for every person that was asked.
type result struct {
	gain  []float64 // DCG@10 by person, which is nDCG with one target
	hits  float64
	shown []float64 // how often a course was among the first 10
}

func evaluate(m ranker, s *split, step int) result {
	r := result{gain: make([]float64, (len(s.histories)+step-1)/step), shown: make([]float64, s.courses)}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for w := range workers {
		wg.Go(func() {
			out, shown := make([]float32, s.courses), make([]float64, s.courses)
			for i := w; i < len(r.gain); i += workers {
				u := i * step
				clear(out)
				m(u, s.histories[u], out)
				for _, c := range s.histories[u] {
					out[c] = float32(math.Inf(-1))
				}
				for rank, c := range best10(out) {
					shown[c]++
					if int32(c) == s.target[u] {
						r.gain[i] = 1 / math.Log2(float64(rank)+2)
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for c, n := range shown {
				r.shown[c] += n
			}
		})
	}
	wg.Wait()
	for _, g := range r.gain {
		if g > 0 {
			r.hits++
		}
	}
	return r
}

// best10 returns the places of the 10 largest, equal ones by place. A score
// of minus infinity is none.
func best10(scores []float32) []int {
	found := make([]int, 0, top+1)
	floor := float32(math.Inf(-1))
	for c, v := range scores {
		if v <= floor {
			continue
		}
		at := len(found)
		for at > 0 && scores[found[at-1]] < v {
			at--
		}
		found = slices.Insert(found, at, c)
		if len(found) > top {
			found = found[:top]
		}
		if len(found) == top {
			floor = scores[found[top-1]]
		}
	}
	return found
}

func (r result) ndcg() float64 { return average(r.gain) }

func (r result) hr() float64 { return r.hits / float64(len(r.gain)) }

func average(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// mean is the mean of several draws, person by person.
func mean(results []result) result {
	out := result{gain: make([]float64, len(results[0].gain)), shown: make([]float64, len(results[0].shown))}
	n := float64(len(results))
	for _, r := range results {
		out.hits += r.hits / n
		for i, g := range r.gain {
			out.gain[i] += g / n
		}
		for i, x := range r.shown {
			out.shown[i] += x / n
		}
	}
	return out
}

// gini is 0 where all are shown as often, 1 where one alone is.
func gini(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	sum, weighted := 0.0, 0.0
	for i, v := range x {
		sum += v
		weighted += float64(i+1) * v
	}
	n := float64(len(x))
	return 2*weighted/(n*sum) - (n+1)/n
}

type row struct {
	name string
	result
}

func printTable(table []row, d *data) {
	fmt.Println("| method | nDCG@10 | HR@10 | courses shown | Gini of courses | Gini of providers |\n|---|---|---|---|---|---|")
	for _, r := range table {
		covered := 0
		byProvider := map[int]float64{}
		for c, n := range r.shown {
			if n >= 1 {
				covered++
			}
			if p := d.provider[c]; p != 0 {
				byProvider[p] += n
			}
		}
		providers := make([]float64, 0, len(byProvider))
		for _, n := range byProvider {
			providers = append(providers, n)
		}
		fmt.Printf("| %s | %.4f | %.4f | %.1f %% | %.3f | %.3f |\n", r.name, r.ndcg(), r.hr(), 100*float64(covered)/float64(len(r.shown)), gini(r.shown), gini(providers))
	}
	known := 0
	for _, p := range d.provider {
		if p != 0 {
			known++
		}
	}
	fmt.Printf("\nProviders are the entities of relation 1 of the course graph, which does not name its relations; it has them for %d of %d courses.\n", known, len(d.provider))
}

// printGroups shows nDCG@10 by length of history and by gender code.
func printGroups(table []row, d *data) {
	// The file lacks one more course of each person, hence 5 here is 4 there.
	lengths := []struct {
		name     string
		from, to int
	}{{"5–6 courses", 4, 5}, {"7–12", 6, 11}, {"13 and more", 12, math.MaxInt}}
	fmt.Print("\nnDCG@10 by how many courses the person took in all (the test course and the one that is not in the file among them), and by gender code of user_list.txt:\n\n| method |")
	sets := [][]int{}
	names := ""
	for _, l := range lengths {
		set := []int{}
		for u, h := range d.histories {
			if len(h) >= l.from && len(h) <= l.to {
				set = append(set, u)
			}
		}
		sets = append(sets, set)
		names += fmt.Sprintf(" %s (%d people) |", l.name, len(set))
	}
	for code := range 3 {
		set := []int{}
		for u, g := range d.gender {
			if g == code {
				set = append(set, u)
			}
		}
		sets = append(sets, set)
		names += fmt.Sprintf(" code %d (%d people) |", code, len(set))
	}
	fmt.Println(names)
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, r := range table {
		fmt.Printf("| %s |", r.name)
		for _, set := range sets {
			sum := 0.0
			for _, u := range set {
				sum += r.gain[u]
			}
			fmt.Printf(" %.4f |", sum/float64(len(set)))
		}
		fmt.Println()
	}
}

// printDifferences shows how sure the differences between rows are: 95 %
// intervals of the mean difference by person, from 1,000 bootstrap samples.
func printDifferences(table []row) {
	fmt.Print("\nDifference in nDCG@10 to the row above, by person, with 95 % bootstrap intervals:\n\n")
	rng := rand.New(rand.NewPCG(1, 2))
	for i := 1; i < len(table); i++ {
		a, b := table[i], table[i-1]
		diff := make([]float64, len(a.gain))
		for u := range diff {
			diff[u] = a.gain[u] - b.gain[u]
		}
		means := make([]float64, 1000)
		for k := range means {
			sum := 0.0
			for range diff {
				sum += diff[rng.IntN(len(diff))]
			}
			means[k] = sum / float64(len(diff))
		}
		slices.Sort(means)
		fmt.Printf("- %s − %s: %+.4f (%+.4f to %+.4f)\n", a.name, b.name, average(diff), means[25], means[974])
	}
}
