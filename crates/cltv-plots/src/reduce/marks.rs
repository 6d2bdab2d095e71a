//! Rows as marks: one each, or one for those that lie close together.

use std::cmp::Reverse;

use super::kinds::MOST_KINDS;
use super::{MOST_MARKS, MOST_ROWS};
use crate::data::Column;
use crate::scale::Scale;
use crate::{Texts, text};

/// Rows of cells, from the finest grid to the coarsest.
const GRIDS: [usize; 20] =
    [192, 160, 144, 128, 112, 96, 80, 72, 64, 56, 48, 40, 36, 32, 28, 24, 20, 16, 8, 4];
/// The diameter in pixels of a mark of one row.
const LEAST_DIAMETER: f64 = 4.5;
/// The bounds of the diameter of the mark of most rows.
const DIAMETERS: (f64, f64) = (9.0, 26.0);
/// About the width of a plot, in pixels.
const PLOT_WIDTH: f64 = 1_000.0;
/// Parts that means are added up in, so that they do not depend on the order of the rows.
const PARTS: f64 = (1u64 << 52) as f64;

/// A column and the axis on which it is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Axis<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) scale: Scale,
}

/// The marks of a chart with a row for each customer or account.
///
/// Up to [`MOST_ROWS`] rows there is a mark for each, in their order. Above, the plot is divided into
/// equal cells, in the finest of the grids that needs at most [`MOST_MARKS`] marks, and the rows of one
/// kind in one cell share a mark: those of most rows come first, so that small ones lie on top of them.
/// Which rows share a mark does not depend on their order.
pub(crate) struct Marks {
    rows: usize,
    /// The mark of each row; none where each row has its own.
    of_row: Option<Vec<u32>>,
    marks: Vec<Mark>,
    /// The diameter of the mark of most rows, in pixels.
    largest: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Mark {
    kind: usize,
    /// The rows that share it.
    count: u64,
    /// One of them.
    row: usize,
}

impl Marks {
    /// The marks of rows of `kinds` kinds, at most [`MOST_KINDS`]; `kind` gives that of a row.
    pub(crate) fn new(x: Axis<'_>, y: Axis<'_>, kinds: usize, kind: impl Fn(usize) -> usize) -> Marks {
        let rows = x.values.len();
        if rows <= MOST_ROWS {
            let marks = (0..rows).map(|row| Mark { kind: kind(row), count: 1, row }).collect();
            return Marks { rows, of_row: None, marks, largest: LEAST_DIAMETER };
        }
        let places: Vec<(u16, u16)> = places(x).into_iter().zip(places(y)).collect();
        let found = GRIDS.into_iter().map(Grid).find_map(|grid| {
            let cell = |row: usize| kind(row) * grid.cells() + grid.cell(places[row]);
            Some((Occupied::new(rows, grid.cells() * kinds, cell)?, grid))
        });
        // The coarsest grid is always found: it has fewer cells than there may be marks.
        let (occupied, grid) = found.unwrap_or((Occupied::default(), COARSEST));
        Marks::shared_by(occupied, kind, grid.diameter())
    }

    /// A mark for each occupied cell, those of most rows first.
    fn shared_by(
        Occupied { mut of_row, cells }: Occupied,
        kind: impl Fn(usize) -> usize,
        largest: f64,
    ) -> Marks {
        let mut marks = vec![Mark { kind: 0, count: 0, row: 0 }; cells.len()];
        for (row, &mark) in of_row.iter().enumerate() {
            let mark = &mut marks[mark as usize];
            *mark = Mark { kind: kind(row), count: mark.count + 1, row };
        }
        let mut order: Vec<usize> = (0..marks.len()).collect();
        order.sort_by_key(|&mark| (Reverse(marks[mark].count), cells[mark]));
        let mut places = vec![0u32; marks.len()];
        order.iter().zip(0..).for_each(|(&mark, place)| places[mark] = place);
        of_row.iter_mut().for_each(|mark| *mark = places[*mark as usize]);
        let marks = order.into_iter().map(|mark| marks[mark]).collect();
        Marks { rows: of_row.len(), of_row: Some(of_row), marks, largest }
    }

    /// Whether rows share marks.
    pub(crate) fn shared(&self) -> bool {
        self.of_row.is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.marks.len()
    }

    pub(crate) fn kind(&self, mark: usize) -> usize {
        self.marks[mark].kind
    }

    /// The marks of a kind.
    pub(crate) fn of_kind(&self, kind: usize) -> Vec<usize> {
        (0..self.marks.len()).filter(|&mark| self.marks[mark].kind == kind).collect()
    }

    /// The mean of the rows' values for each mark; the value itself where a mark is one row.
    pub(crate) fn mean(&self, values: &[f64]) -> Vec<f64> {
        let Some(of_row) = &self.of_row else {
            return values.to_vec();
        };
        let size = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        let mut sums = vec![0i128; self.marks.len()];
        if size > 0.0 {
            let parts = |value: f64| (value / size * PARTS).round() as i128;
            of_row.iter().zip(values).for_each(|(&mark, &value)| sums[mark as usize] += parts(value));
        }
        let mean = |(mark, sum): (&Mark, i128)| match mark.count {
            1 => values[mark.row],
            count => sum as f64 / count as f64 / PARTS * size,
        };
        self.marks.iter().zip(sums).map(mean).collect()
    }

    /// The largest of the rows' values for each mark.
    pub(crate) fn largest(&self, values: &[f64]) -> Vec<f64> {
        let Some(of_row) = &self.of_row else {
            return values.to_vec();
        };
        let mut largest = vec![f64::NEG_INFINITY; self.marks.len()];
        for (&mark, &value) in of_row.iter().zip(values) {
            largest[mark as usize] = largest[mark as usize].max(value);
        }
        largest
    }

    /// Who a mark is, for its tooltip: `name` of its row, or "12 customers, on average".
    pub(crate) fn who(&self, mark: usize, thing: &str, name: impl Fn(usize) -> String) -> String {
        match self.marks[mark] {
            Mark { count: 1, row, .. } => name(row),
            Mark { count, .. } => format!("{}, on average", text::counted(count, thing)),
        }
    }

    /// How a tooltip begins where rows have no name: nothing for one row, "12 rows, on average: " for more.
    pub(crate) fn several(&self, mark: usize, thing: &str) -> String {
        match self.marks[mark].count {
            1 => String::new(),
            count => format!("{}, on average: ", text::counted(count, thing)),
        }
    }

    /// The diameters of these marks, whose areas grow with their rows; none where each row has a mark.
    pub(crate) fn diameters(&self, marks: &[usize]) -> Option<Vec<f64>> {
        let most = self.marks.iter().map(|mark| mark.count).max().unwrap_or(1) as f64;
        let diameter = |&mark: &usize| {
            let share = self.marks[mark].count as f64 / most;
            ((self.largest * share.sqrt()).max(LEAST_DIAMETER) * 10.0).round() / 10.0
        };
        self.shared().then(|| marks.iter().map(diameter).collect())
    }

    /// The first columns of the chart's table: the rows of each mark where they share one, and the
    /// name of each row that has a mark of its own.
    pub(crate) fn named_columns(
        &self,
        column: &str,
        names: &(impl Texts + ?Sized),
        things: &str,
    ) -> Vec<Column> {
        let name =
            |mark: &Mark| if mark.count == 1 { names.text(mark.row).to_owned() } else { String::new() };
        let names: Vec<String> = self.marks.iter().map(name).collect();
        let mut columns = self.count_column(things);
        columns.push(Column::text(column, &names));
        columns
    }

    /// The rows of each mark as a column; none where each row has a mark.
    pub(crate) fn count_column(&self, things: &str) -> Vec<Column> {
        let counts: Vec<u64> = self.marks.iter().map(|mark| mark.count).collect();
        if self.shared() { vec![Column::integers(things, &counts)] } else { Vec::new() }
    }

    /// What a mark is, as an explanation begins: "Each mark is a customer".
    pub(crate) fn each(&self, one: &str) -> String {
        let several = if self.shared() { ", or several close together" } else { "" };
        format!("Each mark is {one}{several}")
    }

    /// The sentence that the chart carries where rows share marks.
    pub(crate) fn note(&self, thing: &str) -> Option<String> {
        self.shared().then(|| {
            format!(
                "{} are drawn as {}: those close together share one; larger marks hold more.",
                text::counted(self.rows as u64, thing),
                text::counted(self.marks.len() as u64, "mark")
            )
        })
    }
}

/// The cells that rows lie in, numbered in the order of their first row.
#[derive(Default)]
struct Occupied {
    of_row: Vec<u32>,
    cells: Vec<usize>,
}

impl Occupied {
    /// None where the rows lie in more cells than there may be marks.
    fn new(rows: usize, cells: usize, cell: impl Fn(usize) -> usize) -> Option<Occupied> {
        let mut numbers = vec![u32::MAX; cells];
        let mut occupied = Occupied { of_row: Vec::with_capacity(rows), cells: Vec::new() };
        for row in 0..rows {
            let cell = cell(row);
            if numbers[cell] == u32::MAX {
                if occupied.cells.len() == MOST_MARKS {
                    return None;
                }
                numbers[cell] = occupied.cells.len() as u32;
                occupied.cells.push(cell);
            }
            occupied.of_row.push(numbers[cell]);
        }
        Some(occupied)
    }
}

/// Rows of cells in which every other row is moved by half a cell, as in a wall of bricks, so that marks
/// do not line up in columns.
#[derive(Clone, Copy, PartialEq)]
struct Grid(usize);

const COARSEST: Grid = Grid(GRIDS[GRIDS.len() - 1]);
const _: () = assert!(COARSEST.cells() * MOST_KINDS <= MOST_MARKS);

impl Grid {
    /// Plots are wider than high.
    const fn columns(self) -> usize {
        self.0 * 3 / 2
    }

    const fn cells(self) -> usize {
        self.0 * (self.columns() + 1)
    }

    /// The diameter of the mark of most rows: about the width of a cell.
    fn diameter(self) -> f64 {
        (PLOT_WIDTH / self.columns() as f64).clamp(DIAMETERS.0, DIAMETERS.1)
    }

    fn cell(self, (x, y): (u16, u16)) -> usize {
        let row = (usize::from(y) * self.0) >> 16;
        let moved = if row % 2 == 1 { 1 << 15 } else { 0 };
        row * (self.columns() + 1) + ((usize::from(x) * self.columns() + moved) >> 16)
    }
}

/// Where values lie between the ends of their axis, in 65,536ths.
fn places(Axis { values, scale }: Axis<'_>) -> Vec<u16> {
    let drawn: Vec<f64> = values.iter().map(|&value| scale.drawn(value)).collect();
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = drawn.iter().fold(ends, |(low, high), &v| (low.min(v), high.max(v)));
    // A length of zero gives no number, which becomes place 0.
    drawn.iter().map(|value| ((value - low) / (high - low) * 65_536.0).min(65_535.0) as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(values: &[f64]) -> Axis<'_> {
        Axis { values, scale: Scale::Linear }
    }

    fn columns(rows: usize) -> (Vec<f64>, Vec<f64>) {
        let value = |row: usize, by: usize| ((row * by) % 10_007) as f64 / 7.0;
        ((0..rows).map(|row| value(row, 37)).collect(), (0..rows).map(|row| value(row, 4_099)).collect())
    }

    #[test]
    fn few_rows_have_a_mark_each() {
        let (x, y) = columns(MOST_ROWS);
        let marks = Marks::new(linear(&x), linear(&y), 2, |row| row % 2);
        assert_eq!((marks.len(), marks.mean(&x), marks.note("customer")), (MOST_ROWS, x, None));
        assert_eq!(marks.of_kind(1).len(), MOST_ROWS / 2);
        assert_eq!(marks.diameters(&[0]), None);
    }

    #[test]
    fn many_rows_share_marks_and_none_is_lost() {
        let (x, y) = columns(20_000);
        let marks = Marks::new(linear(&x), linear(&y), 2, |row| row % 2);
        assert!((500..=MOST_MARKS).contains(&marks.len()), "{}", marks.len());
        assert_eq!(marks.marks.iter().map(|mark| mark.count).sum::<u64>(), 20_000);
        let kept: f64 =
            marks.mean(&x).iter().zip(&marks.marks).map(|(mean, mark)| mean * mark.count as f64).sum();
        let sum: f64 = x.iter().sum();
        assert!((kept / sum - 1.0).abs() < 1e-12, "{kept} {sum}");
        assert!(marks.note("customer").unwrap().starts_with("20,000 customers are drawn as "));
        assert_eq!(marks.of_kind(0).len() + marks.of_kind(1).len(), marks.len());
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter() {
        let (x, y) = columns(20_000);
        let (mut x_back, mut y_back) = (x.clone(), y.clone());
        x_back.reverse();
        y_back.reverse();
        let one = Marks::new(linear(&x), linear(&y), 1, |_| 0);
        let two = Marks::new(linear(&x_back), linear(&y_back), 1, |_| 0);
        assert_eq!(one.mean(&x), two.mean(&x_back));
        assert_eq!(one.largest(&y), two.largest(&y_back));
        assert_eq!(one.diameters(&[0, 1, 2]), two.diameters(&[0, 1, 2]));
    }

    #[test]
    fn far_rows_keep_their_own_mark_and_value() {
        let (mut x, mut y) = columns(20_000);
        x.push(2_000.1);
        y.push(3_000.7);
        let marks = Marks::new(linear(&x), linear(&y), 1, |_| 0);
        let far = (0..marks.len()).find(|&mark| marks.marks[mark].row == 20_000).unwrap();
        assert_eq!((marks.mean(&x)[far], marks.mean(&y)[far]), (2_000.1, 3_000.7));
        assert_eq!(marks.who(far, "customer", |_| "the far one".to_owned()), "the far one");
        assert!(marks.who(0, "customer", |_| String::new()).ends_with(" customers, on average"));
    }

    #[test]
    fn equal_rows_are_one_mark() {
        let marks = Marks::new(linear(&[3.0; 9_000]), linear(&[0.0; 9_000]), 1, |_| 0);
        assert_eq!(
            (marks.len(), marks.mean(&[3.0; 9_000]), marks.mean(&[0.0; 9_000])),
            (1, vec![3.0], vec![0.0])
        );
    }
}
