// The page of `ipctrace report --html`: reads the data block and fills the page's sections.
import { filterBar } from './filter.js';
import { findingsSection } from './findings.js';
import { flowGraph } from './flow.js';
import { header } from './header.js';
import { heatMap } from './heat.js';
import { latencyCharts } from './latency.js';
import { partsSection } from './parts.js';
import { pressureSection } from './pressure.js';
import { sankeySection } from './sankey.js';
import { tables } from './tables.js';
import { timelineSection } from './timeline.js';

header();
findingsSection();
filterBar();
flowGraph();
sankeySection();
partsSection();
timelineSection();
pressureSection();
latencyCharts();
heatMap();
tables();
