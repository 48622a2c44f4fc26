import FadingMemory from '../../../models/fading-memory.ts';
import { inPriceDifferences } from './price-differences.ts';

export default inPriceDifferences(FadingMemory);
