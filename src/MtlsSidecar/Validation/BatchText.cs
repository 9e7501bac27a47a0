namespace MtlsSidecar.Validation;

/// <summary>One line of a batch as text.</summary>
/// <param name="Line">The line; empty when it is too long to be kept.</param>
/// <param name="IsTooLong">Whether it is.</param>
internal readonly record struct BatchText(string Line, bool IsTooLong)
{
    /// <summary>Whether nothing stands in it.</summary>
    public bool IsEmpty => !IsTooLong && string.IsNullOrWhiteSpace(Line);
}
