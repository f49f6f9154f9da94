// The page of `ipctrace report --html` of a bench: reads the data block and fills the page's sections.
import { filterBar } from '../filter.js';
import { charts } from './charts.js';
import { header } from './header.js';
import { tables } from './tables.js';

header();
filterBar();
charts();
tables();
