package render

import "strings"

// minColumn is the narrowest that a column of a table becomes.
const minColumn = 4

// table writes a table whose columns shrink, widest first, until it fits; what does not fit into a column is wrapped within it.
func (t *textWriter) table(tab table) {
	const gap = 2
	head := make([]line, len(tab.head))
	for i, title := range tab.head {
		head[i] = in(strong, title)
	}
	rows := append([][]line{head}, tab.rows...)
	widths := make([]int, len(tab.head))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], widthOf(cells(c)))
		}
	}
	shrink(widths, t.width-t.indent-gap*(len(widths)-1))
	for i, row := range rows {
		t.row(row, widths, gap)
		if i == 0 {
			rules := make([]string, len(widths))
			for j, w := range widths {
				rules[j] = strings.Repeat("─", w)
			}
			t.raw(blanks(t.indent) + strings.Join(rules, blanks(gap)))
		}
	}
}

// shrink takes columns from the widest until the sum fits.
func shrink(widths []int, avail int) {
	for {
		sum, widest := 0, 0
		for i, w := range widths {
			sum += w
			if w > widths[widest] {
				widest = i
			}
		}
		if sum <= avail || widths[widest] <= minColumn {
			return
		}
		widths[widest]--
	}
}

func (t *textWriter) row(row []line, widths []int, gap int) {
	wrapped := make([][][]cell, len(row))
	height := 0
	for i, c := range row {
		wrapped[i] = wrapCells(cells(c), widths[i], widths[i], true)
		height = max(height, len(wrapped[i]))
	}
	for y := range height {
		var out strings.Builder
		out.WriteString(blanks(t.indent))
		for i := range row {
			var part []cell
			if y < len(wrapped[i]) {
				part = wrapped[i][y]
			}
			out.WriteString(t.paint(part) + blanks(widths[i]-widthOf(part)+gap))
		}
		t.raw(out.String())
	}
}
