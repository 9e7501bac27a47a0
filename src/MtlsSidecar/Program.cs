using System.CommandLine;
using MtlsSidecar.Commands;

var root = new RootCommand("MtlsSidecar: mutual TLS for the service beside it.")
{
    RunCommand.Create(),
    CheckCommand.Create(),
    ProbeCommand.Create(),
    ValidateCommand.Create(),
    InspectCommand.Create(),
};
RunCommand.MakeDefault(root);
return await CommandLine.InvokeAsync(root, args);
