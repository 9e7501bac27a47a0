using MtlsSidecar.Authority.Commands;

return await CommandLine.InvokeAsync(CommandLine.CreateRoot(), args);
