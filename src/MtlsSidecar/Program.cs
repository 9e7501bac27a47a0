using MtlsSidecar.Commands;

return await CommandLine.InvokeAsync(CommandLine.CreateRoot(), args);
