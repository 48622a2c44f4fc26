import StudentT from '../../../models/student-t.ts';
import { inPriceDifferences } from './price-differences.ts';

export default inPriceDifferences(StudentT);
