import { serve } from '../src/cli/service/serve.ts';

// Jobs without HTTP: as many of these as wanted beside `tidemark serve`.
process.exitCode = await serve({ http: false, workers: true });
