// The page of `ipctrace diff --html`: reads the comparison and fills the page's sections.
import { diffCurves } from './diff_curves.js';
import { diffHeader } from './diff_header.js';
import { diffTables } from './diff_tables.js';

diffHeader();
diffTables();
diffCurves();
