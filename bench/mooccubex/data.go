package main

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// data is the cleaned training part of MOOCCubeX.
type data struct {
	ids       []int     // of courses, by place
	histories [][]int32 // places of courses in order of time, by person
	gender    []int     // code of user_list.txt, by person; what the codes mean is not told there
	provider  []int     // by course: entity of relation 1, 0 for none
}

// load reads the zip file. It refuses what does not look like it: a history
// with a course twice is how the published files with the defect show.
func load(path string) (*data, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	d := &data{}
	place := map[int]int32{}
	people := map[int]int{}
	err = lines(&z.Reader, "train.txt", func(n []int) error {
		people[n[0]] = len(d.histories)
		h := make([]int32, 0, len(n)-1)
		seen := map[int]bool{}
		for _, id := range n[1:] {
			if seen[id] {
				return fmt.Errorf("person %d took course %d twice", n[0], id)
			}
			seen[id] = true
			at, ok := place[id]
			if !ok {
				at = int32(len(d.ids))
				place[id] = at
				d.ids = append(d.ids, id)
			}
			h = append(h, at)
		}
		if len(h) < 3 {
			return fmt.Errorf("person %d has a history of %d", n[0], len(h))
		}
		d.histories = append(d.histories, h)
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.gender, d.provider = make([]int, len(d.histories)), make([]int, len(d.ids))
	err = lines(&z.Reader, "user_list.txt", func(n []int) error {
		if at, ok := people[n[0]]; ok && len(n) > 1 {
			d.gender[at] = n[1]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// The graph does not name its relations. The first has one entity for
	// nearly all courses it knows, so it is read as who offers them.
	err = lines(&z.Reader, "kg_final.txt", func(n []int) error {
		if at, ok := place[n[0]]; ok && len(n) == 3 && n[1] == 1 && d.provider[at] == 0 {
			d.provider[at] = n[2]
		}
		return nil
	})
	return d, err
}

// lines calls f with the numbers of each line; words that are none are left
// out.
func lines(z *zip.Reader, name string, f func([]int) error) error {
	file, err := z.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	scan := bufio.NewScanner(io.LimitReader(file, 100<<20))
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		var n []int
		for word := range strings.FieldsSeq(scan.Text()) {
			if x, err := strconv.Atoi(word); err == nil {
				n = append(n, x)
			}
		}
		if len(n) > 1 {
			if err := f(n); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return scan.Err()
}

// split is histories and what came right after each.
type split struct {
	courses   int
	histories [][]int32
	target    []int32
	taken     []float64 // people by course, in histories
}

// holdOut takes the course n from the end as the target, and forgets those
// after it.
func (d *data) holdOut(n int) *split {
	s := &split{courses: len(d.ids), taken: make([]float64, len(d.ids))}
	for _, h := range d.histories {
		end := len(h) - n
		s.histories = append(s.histories, h[:end:end])
		s.target = append(s.target, h[end])
		for _, c := range h[:end] {
			s.taken[c]++
		}
	}
	return s
}
