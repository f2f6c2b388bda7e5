import { serve } from '../src/cli/serve.ts';

// Jobs without HTTP: as many of these as wanted beside `tidemark serve`.
process.exitCode = await serve({ http: false, workers: true });
