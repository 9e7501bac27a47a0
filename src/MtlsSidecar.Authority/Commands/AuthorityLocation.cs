namespace MtlsSidecar.Authority.Commands;

/// <summary>Where an authority lies.</summary>
/// <param name="Data">Its data directory.</param>
/// <param name="PassphraseFile">What its keys are encrypted with; null when they are not.</param>
/// <param name="RootKeyFile">The root's key, when it is not in the data directory.</param>
internal sealed record AuthorityLocation(DirectoryInfo Data, FileInfo? PassphraseFile, FileInfo? RootKeyFile);
