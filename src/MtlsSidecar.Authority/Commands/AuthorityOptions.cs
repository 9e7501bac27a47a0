using System.CommandLine;

namespace MtlsSidecar.Authority.Commands;

/// <summary>The options that every command takes.</summary>
internal sealed class AuthorityOptions
{
    private readonly Option<DirectoryInfo> _data = new("--data")
    {
        Description = "The directory with database, keys and published files.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo("authority"),
    };

    private readonly Option<FileInfo?> _passphrase = new("--passphrase-file")
    {
        Description = "File whose first line encrypts the authority's keys.",
        HelpName = "FILE",
    };

    private readonly Option<FileInfo?> _rootKey = new("--root-key")
    {
        Description = "The root's key, when it is kept elsewhere than in the data directory.",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_passphrase);
        command.Options.Add(_rootKey);
    }

    /// <summary>What was given.</summary>
    public AuthorityLocation Read(ParseResult parsed)
        => new(parsed.GetValue(_data)!, parsed.GetValue(_passphrase), parsed.GetValue(_rootKey));
}
