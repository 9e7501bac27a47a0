using System.CommandLine;
using MtlsSidecar.Authority.Commands;

return await CommandLine.InvokeAsync(
    new RootCommand("mtls-authority: a certification authority for MtlsSidecar.")
    {
        InitCommand.Create(),
        ServeCommand.Create(),
        IssueCommand.Create(),
        TokenCommand.Create(),
        RevokeCommand.Create(),
        ListCommand.Create(),
        CrlCommand.Create(),
        IssuerCommand.Create(),
        CheckCommand.Create(),
    },
    args);
