// Tables: keys, rows, columns, heads.

import { keymap } from "prosemirror-keymap";
import { Selection, TextSelection } from "prosemirror-state";
import * as t from "prosemirror-tables";
import { around, insert } from "./commands.js";
import { schema } from "./schema.js";

const n = schema.nodes;

// newTable inserts a table of three rows, the first of which is its head.
export function newTable(view) {
  const rows = [n.table_header, n.table_cell, n.table_cell].map((type) => n.table_row.create(null, [0, 1, 2].map(() => type.create())));
  const block = n.table_block.create(null, [n.caption.create(), n.table.create(null, rows)]);
  const { $from } = view.state.selection;
  if (around($from, n.table_block)) return true; // no table in a table
  insert(view.state, view.dispatch, block);
  const found = around(view.state.selection.$from, n.table_block);
  if (found) {
    const first = Selection.near(view.state.doc.resolve(found.pos + 1 + found.node.firstChild.nodeSize), 1);
    view.dispatch(view.state.tr.setSelection(first));
  }
  view.focus();
  return true;
}

// toggleHead makes the rows of the selection heads, or heads rows.
export function toggleHead(state, dispatch) {
  if (!t.isInTable(state)) return false;
  if (dispatch) {
    const rect = t.selectedRect(state);
    let head = true;
    const cells = [];
    for (let row = rect.top; row < rect.bottom; row++) {
      for (let column = 0; column < rect.map.width; column++) {
        const pos = rect.map.map[row * rect.map.width + column];
        cells.push(pos);
        head &&= rect.table.nodeAt(pos).type === n.table_header;
      }
    }
    const tr = state.tr;
    for (const pos of cells) tr.setNodeMarkup(rect.tableStart + pos, head ? n.table_cell : n.table_header, rect.table.nodeAt(pos).attrs);
    dispatch(tr);
  }
  return true;
}

export function deleteTable(state, dispatch) {
  const found = around(state.selection.$from, n.table_block);
  if (!found) return false;
  if (dispatch) {
    const tr = state.tr.replaceWith(found.pos, found.pos + found.node.nodeSize, n.paragraph.create());
    dispatch(tr.setSelection(TextSelection.create(tr.doc, found.pos + 1)).scrollIntoView());
  }
  return true;
}

// Deleting the last row or column deletes the table.
const last = (side, command) => (state, dispatch) => {
  if (!t.isInTable(state)) return false;
  const rect = t.selectedRect(state);
  const all = side === "row" ? rect.top === 0 && rect.bottom === rect.map.height : rect.left === 0 && rect.right === rect.map.width;
  return all ? deleteTable(state, dispatch) : command(state, dispatch);
};

export const tableCommands = {
  "row.above": t.addRowBefore,
  "row.below": t.addRowAfter,
  "column.before": t.addColumnBefore,
  "column.after": t.addColumnAfter,
  "row.head": toggleHead,
  "row.delete": last("row", t.deleteRow),
  "column.delete": last("column", t.deleteColumn),
  "table.delete": deleteTable,
};

// Tab in the last cell opens a new row.
function nextCell(state, dispatch) {
  if (!t.isInTable(state)) return false;
  if (t.goToNextCell(1)(state, dispatch)) return true;
  if (dispatch) {
    let after = null;
    t.addRowAfter(state, (tr) => (after = tr));
    const next = state.apply(after);
    t.goToNextCell(1)(next, (tr) => after.setSelection(TextSelection.create(after.doc, tr.selection.anchor, tr.selection.head)));
    dispatch(after.scrollIntoView());
  }
  return true;
}

// From a caption Tab leads into the table, and back.
function fromCaption(dir) {
  return (state, dispatch) => {
    const { $from } = state.selection;
    if (dir > 0 && $from.parent.type === n.caption) {
      dispatch?.(state.tr.setSelection(Selection.near(state.doc.resolve($from.after()), 1)).scrollIntoView());
      return true;
    }
    if (dir < 0 && t.isInTable(state)) {
      const found = around($from, n.table_block);
      dispatch?.(state.tr.setSelection(TextSelection.create(state.doc, found.pos + 2)).scrollIntoView());
      return true;
    }
    return false;
  };
}

// Up and down go to the cell above and below.
function vertical(dir) {
  return (state, dispatch, view) => {
    const { selection } = state;
    if (!selection.empty || !t.isInTable(state) || !view.endOfTextblock(dir < 0 ? "up" : "down")) return false;
    const $cell = t.cellAround(selection.$head);
    const next = $cell && t.nextCell($cell, "vert", dir);
    if (next) {
      dispatch?.(state.tr.setSelection(Selection.near(next, 1)).scrollIntoView());
      return true;
    }
    if (dir > 0) return false;
    return fromCaption(-1)(state, dispatch);
  };
}

const one = (...commands) => (state, dispatch, view) => commands.some((c) => c(state, dispatch, view));

export const tableKeys = keymap({
  Tab: one(nextCell, fromCaption(1)),
  "Shift-Tab": one(t.goToNextCell(-1), fromCaption(-1)),
  ArrowUp: vertical(-1),
  ArrowDown: vertical(1),
});

export const tables = t.tableEditing();
