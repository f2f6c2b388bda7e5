import { serve } from './cli/service/serve.ts';

// `npm start` and a container's command: the same as `tidemark serve`.
process.exitCode = await serve();
